"""What anyone can reach from the home page without an account: every link leads somewhere, every page is clean."""

from collections import deque
from urllib.parse import urldefrag, urlsplit

from looking import each_look, overflows, violations
from playwright.sync_api import Page, Response

MOST = 40  # pages; of each kind of address (below) the first two are looked at
WEIGHT = 100_000  # bytes over the wire for a first visit


def kind(path: str) -> str:
    """Addresses that differ only in a number or an id are drawn by the same template."""
    return "/".join("…" if any(letter.isdigit() for letter in part) else part for part in path.split("/"))


def links(page: Page, service: str) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return [urldefrag(link)[0] for link in found if link.startswith(service)]


def test_every_public_page_is_clean_and_every_link_leads_somewhere(service: str, page: Page) -> None:
    waiting, seen, complaints = deque([f"{service}/"]), {f"{service}/"}, list[str]()
    kinds: dict[str, int] = {}
    while waiting and sum(kinds.values()) < MOST:
        address = waiting.popleft()
        path = urlsplit(address).path
        answer = page.request.get(address)
        if answer.status != 200:
            complaints.append(f"{path}: {answer.status}")
        if "text/html" not in answer.headers["content-type"] or kinds.get(kind(path), 0) >= 2:
            continue
        kinds[kind(path)] = kinds.get(kind(path), 0) + 1
        page.goto(address)
        for look in each_look(page):
            complaints += [f"{path} {look}: {complaint}" for complaint in violations(page)]
            complaints += [f"{path} {look}: one has to scroll sideways"] if overflows(page) else []
        fresh = [link for link in dict.fromkeys(links(page, service)) if link not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    assert not complaints, "\n".join(complaints)
    print(f"{len(kinds)} kinds of pages, {len(seen)} links")


def test_a_first_visit_is_light(service: str, page: Page) -> None:
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response))
    page.goto(f"{service}/", wait_until="networkidle")
    sizes = {urlsplit(response.url).path: response.request.sizes()["responseBodySize"] for response in fetched}
    assert sum(sizes.values()) < WEIGHT, sizes
