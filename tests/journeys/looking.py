"""Looking at a page as people do: pictures of it, and axe-core's judgement (WCAG 2.2 AA)."""

import json
from pathlib import Path
from typing import Any

import chromium
from playwright.sync_api import Page

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def each_look(page: Page) -> Any:
    """Set the page to every width and colour scheme in turn, giving its name: "1280-light"."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
            yield f"{width}-{scheme}"


def shoot(page: Page, name: str, folder: Path) -> list[Path]:
    """The whole page as folder/name-<width>-<scheme>.png, four times."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for look in each_look(page):
        page.evaluate("document.fonts.ready")
        made.append(folder / f"{name}-{look}.png")
        page.screenshot(path=made[-1], full_page=True, animations="disabled")
    return made


def violations(page: Page) -> list[str]:
    """What axe-core objects to, one line each; empty when the page is clean."""
    if not page.evaluate("'axe' in window"):
        page.evaluate((chromium.modules() / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("async (rules) => (await axe.run({runOnly: rules})).violations", RULES)
    return [
        f"{rule['id']}: {rule['help']}: {json.dumps([node['target'] for node in rule['nodes']][:5])}" for rule in found
    ]


def overflows(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
