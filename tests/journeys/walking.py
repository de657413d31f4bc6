"""Following every link of the service, as a person could, and looking at each kind of page."""

from collections import deque
from urllib.parse import urldefrag, urlsplit

from looking import each_look, overflows, violations
from playwright.sync_api import Page

OF_A_KIND = 2  # pages that one template draws for different objects


def kind(path: str) -> str:
    """Addresses that differ only in a number or an id are drawn by the same template."""
    return "/".join("…" if any(letter.isdigit() for letter in part) else part for part in path.split("/"))


def walk(page: Page, start: str, most: int, looks: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with the pages reached from `start`: dead links, axe-core's objections, sideways scrolling.

    At most `most` pages are looked at, two of each kind, in all `looks` ("1280-light"; all four if empty).
    """
    service = f"{urlsplit(start).scheme}://{urlsplit(start).netloc}"
    waiting, seen, complaints = deque([start]), {start}, list[str]()
    kinds: dict[str, int] = {}
    while waiting and sum(kinds.values()) < most:
        address = waiting.popleft()
        path = urlsplit(address).path
        answer = page.request.get(address)
        if answer.status != 200:
            complaints.append(f"{path}: {answer.status}")
            continue
        if "text/html" not in answer.headers["content-type"] or kinds.get(kind(path), 0) >= OF_A_KIND:
            continue
        kinds[kind(path)] = kinds.get(kind(path), 0) + 1
        page.goto(address)
        complaints += [f"{path} {complaint}" for complaint in _complaints(page, looks)]
        fresh = [link for link in dict.fromkeys(_links(page)) if link.startswith(service) and link not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    print(f"{sum(kinds.values())} pages of {len(kinds)} kinds, {len(seen)} links")
    return complaints


def _links(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return [urldefrag(link)[0] for link in found]


def _complaints(page: Page, looks: tuple[str, ...]) -> list[str]:
    found = []
    for look in each_look(page):
        if look in looks or not looks:
            found += [f"{look}: {objection}" for objection in violations(page)]
            found += [f"{look}: one has to scroll sideways"] if overflows(page) else []
    return found
