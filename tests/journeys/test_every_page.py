"""Every page that a visitor or a practice person can reach: no dead link, nothing that keeps anybody out."""

import pytest
from playwright.sync_api import Page, Response
from walking import walk

WEIGHT = 100_000  # bytes over the wire for a first visit
PEOPLE = ("officer", "approver", "evaluator", "signatory", "auditor")


def test_what_anyone_can_reach_is_clean(service: str, page: Page) -> None:
    complaints = walk(page, f"{service}/", most=24)
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("role", PEOPLE)
def test_what_people_of_each_role_can_reach_is_clean(service: str, page: Page, role: str) -> None:
    page.goto(f"{service}/sign-in")
    page.locator("section[aria-labelledby=practice] tr", has_text=role).first.get_by_role("button").click()
    complaints = walk(page, page.url, most=14, looks=("1280-light", "390-dark"))
    assert not complaints, "\n".join(complaints)


def test_a_first_visit_is_light(service: str, page: Page) -> None:
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response))
    page.goto(f"{service}/", wait_until="networkidle")
    sizes = {response.url.removeprefix(service): response.request.sizes()["responseBodySize"] for response in fetched}
    assert sum(sizes.values()) < WEIGHT, sizes
