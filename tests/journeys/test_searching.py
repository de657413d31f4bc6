"""Searching in a real browser: results while one types, the same without scripts, clean in every look."""

import re

import pytest
from looking import each_look, overflows, violations
from playwright.sync_api import Browser, Page, Route, expect

QUESTION = "?q=road&status=all"
TITLES = "#found article :is(h2, h3)"


def test_results_follow_what_is_typed_and_take_nothing_away_from_who_types(service: str, page: Page) -> None:
    page.goto(f"{service}/tenders?status=all")
    count = page.locator("#count")
    everything = count.inner_text()
    page.evaluate("document.getElementById('count').itself = true")
    page.locator("#q").press_sequentially("road", delay=20)
    expect(count).not_to_have_text(everything)
    expect(page.locator("#found mark").first).to_be_visible()
    assert page.evaluate("document.getElementById('count').itself"), "what is read aloud stays the same element"
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == ["q", 4]
    expect(page).to_have_title(re.compile("^“road”: Tenders"))
    page.wait_for_url(f"**/tenders{QUESTION}")
    page.get_by_label("Works").press("Space")
    page.wait_for_url("**&kind=works")
    assert page.evaluate("document.activeElement.value") == "works"
    page.go_back()
    page.wait_for_url(f"**/tenders{QUESTION}")
    expect(page.get_by_label("Works")).not_to_be_checked()


def test_an_answer_that_is_late_never_replaces_a_newer_one(service: str, page: Page) -> None:
    page.goto(f"{service}/tenders{QUESTION}")
    before = page.locator("#count").inner_text()
    held: list[Route] = []
    page.route(re.compile(r"q=roa&"), lambda route: held.append(route))
    page.locator("#q").press("End")
    page.keyboard.press("Backspace")
    page.wait_for_timeout(400)  # longer than the pause: the question is on its way, and nobody answers it
    page.locator("#q").press_sequentially("d markings")
    expect(page).to_have_title(re.compile("^“road markings”"))
    expect(page.locator("#count")).not_to_have_text(before)
    assert held
    page.locator("#q").fill("road")
    expect(page.locator("#count")).to_have_text(before)


def test_the_plain_form_finds_the_same(service: str, browser: Browser, page: Page) -> None:
    page.goto(f"{service}/tenders?status=all")
    page.locator("#q").press_sequentially("road")
    page.wait_for_url(f"**/tenders{QUESTION}")
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{service}/tenders?status=all")
    plain.locator("#q").fill("road")
    plain.get_by_role("button", name="Search").click()
    assert plain.locator(TITLES).all_inner_texts() == page.locator(TITLES).all_inner_texts() != []
    plain.get_by_role("link", name="Awards and contracts").click()
    assert plain.locator("#q").input_value() == "road"
    plain.get_by_role("link", name="This year").click()
    assert plain.locator(".chips").inner_text().count("remove") == 2
    plain.context.close()


@pytest.mark.parametrize("path", ["/awards?period=this-year", "/buyers-and-suppliers?q=road", "/tenders?q=road&most=1"])
def test_each_tab_and_finding_nothing_is_clean(service: str, page: Page, path: str) -> None:
    page.goto(service + path)
    for look in each_look(page):
        assert not violations(page), look
        assert not overflows(page), look
