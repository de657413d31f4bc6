"""`make screens`: pictures of the service for docs/screens/, of a fresh practice republic or of one at `--url`.

Each page at 1280 and 390 px, as its own reader sees it. `--scheme dark --folder …` takes the others.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "journeys")]

import chromium  # noqa: E402  # the harness of the browser tests
from palette import smaller  # noqa: E402  # beside this file
from whole_service import Up  # noqa: E402

SIZES = ((1280, 900), (390, 844))
NOBODY = ""


def award(page: Page) -> str:
    """The newest of ours whose standstill runs."""
    return _first(page, "/tenders?status=awarded&source=ours", r"/tenders/\d{4}-\d+") + "/award"


def tender(page: Page) -> str:
    """One with several lots, open for bids."""
    return _first(page, "/tenders?source=ours&q=harbour", r"/tenders/\d{4}-\d+")


def contract(page: Page) -> str:
    page.goto("/tenders?status=awarded&source=ours")
    tenders = page.locator("a[href^='/tenders/2']")
    for path in tenders.evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        if found := _links(page, f"{path}/award", r"/contracts/\w{16}"):
            return found[0]
    raise LookupError("no contract was signed")


def receipt(page: Page) -> str:
    """Of a bid that stays sealed until its opening."""
    return _first(page, "/desk", r"/receipts/\w{16}")


def evaluation(page: Page) -> str:
    return _first(page, "/desk", r"/tenders/\d{4}-\d+/evaluation")


PAGES: dict[str, tuple[str, Callable[[Page], str]]] = {
    "home": (NOBODY, lambda page: "/"),
    "search": (NOBODY, lambda page: "/tenders?q=road&status=all"),
    "tender": (NOBODY, tender),
    "award": (NOBODY, award),
    "contract": (NOBODY, contract),
    "receipt": ("Karl Adler", receipt),
    "evaluation": ("Ruth Albrecht", evaluation),
}
"""Name of the picture: who looks, and where at."""


def shoot(browser: Browser, service: str, folder: Path, scheme: str) -> Iterator[str]:
    for name, (who, where) in PAGES.items():
        context = browser.new_context(base_url=service, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # "light" or "dark"
        page = context.new_page()
        if who:
            page.goto("/sign-in")
            page.locator("tr", has_text=who).get_by_role("button").click()
            page.wait_for_load_state()
        answer = page.goto(where(page))
        if not answer or answer.status != 200:
            raise SystemExit(f"{name}: {page.url} answers {answer.status if answer else 'nothing'}")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("document.fonts.ready")
            file = folder / f"{name}-{width}.png"
            file.write_bytes(smaller(page.screenshot(animations="disabled")))
            yield f"{file.name}: {file.stat().st_size // 1024} kB, {page.url.removeprefix(service)}"
        context.close()


def _first(page: Page, where: str, pattern: str) -> str:
    found = _links(page, where, pattern)
    if not found:
        raise LookupError(f"{where} leads to no {pattern}")
    return found[0]


def _links(page: Page, where: str, pattern: str) -> list[str]:
    """The parts of a page's links that match."""
    page.goto(where)
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    return [match[0] for link in links if (match := re.match(pattern, link))]


@contextmanager
def service(url: str) -> Iterator[str]:
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder, Up(Path(folder) / "var", "--demo") as up:
        up.until_ready()
        yield f"http://127.0.0.1:{up.port}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="", help="A practice republic that runs; else one is started.")
    options.add_argument("--folder", type=Path, default=ROOT / "docs" / "screens")
    options.add_argument("--scheme", choices=("light", "dark"), default="light")
    asked = options.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    path, environ = chromium.executable()
    with service(asked.url) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, env=dict(environ), args=list(chromium.ARGS))
        for line in shoot(browser, address, asked.folder, asked.scheme):
            print(line)
        browser.close()


if __name__ == "__main__":
    main()
