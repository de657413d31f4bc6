"""The pages in plain words, the way to tell us what is wrong, and what is said when something is: clean and light."""

import pytest
from looking import each_look, overflows, violations
from playwright.sync_api import Browser, Page

WEIGHT = 100_000  # bytes over the wire for a first visit
PLAIN = ("/about/how", "/about/sealing", "/about/record", "/about/privacy", "/accessibility", "/feedback")


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_page_is_clean_and_light(service: str, page: Page, path: str) -> None:
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(response.request.sizes()["responseBodySize"]))
    page.goto(f"{service}{path}", wait_until="networkidle")
    assert sum(sizes) < WEIGHT
    for look in each_look(page):
        assert not violations(page), look
        assert not overflows(page), look


def test_somebody_without_scripts_says_what_is_wrong(service: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{service}/awards")
    page.get_by_role("link", name="Something is wrong with this page").click()
    assert page.get_by_label("Which page").input_value() == "/awards"
    page.get_by_role("button", name="Send").click()
    assert "Error:" in page.title()
    page.get_by_label("Something stops me from using it").check()
    page.get_by_label("What happened").fill("The filter has no name.")
    page.get_by_role("button", name="Send").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Thank you. We have your message"
    context.close()


def test_an_unknown_address_is_answered_by_a_clean_page(service: str, browser: Browser) -> None:
    page = browser.new_context(
        reduced_motion="reduce"
    ).new_page()  # the browser itself complains of a 404, so not the watched fixture
    page.goto(f"{service}/no/such/page")
    assert page.get_by_role("heading", level=1).inner_text() == "There is no such page"
    for look in each_look(page):
        assert not violations(page), look
        assert not overflows(page), look
    page.context.close()


def test_paper_has_no_navigation_and_is_the_same_in_the_dark(service: str, page: Page) -> None:
    page.goto(f"{service}/about/how")
    looks = set()
    for scheme in ("light", "dark"):
        page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
        assert not page.locator("nav.nav").is_visible()
        assert not page.locator("footer .foot").is_visible()
        looks.add(page.evaluate("(s => s.color + ' on ' + s.backgroundColor)(getComputedStyle(document.body))"))
    assert len(looks) == 1
