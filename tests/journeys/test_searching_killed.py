"""In a real browser: a search with a wrong letter while Meilisearch answers, once it was killed, when it is back."""

import os
import re
import shutil
import signal

import pytest
from meilisearch_server import MISSING
from playwright.sync_api import Page, expect
from whole_service import Up, eventually

SOON = 8_000  # milliseconds in which an engine that was started is asked again, on a busy machine too
AWAY = "The usual search is away for the moment"
TITLES = "#found article :is(h2, h3)"


@pytest.fixture(autouse=True)
def engine(whole: Up, page: Page) -> None:
    """It answers, and the indexes of the demo are complete."""
    if shutil.which("meilisearch") is None:
        pytest.skip(MISSING)
    wait_until_it_answers(page, f"http://127.0.0.1:{whole.port}/tenders?status=all")


def wait_until_it_answers(page: Page, address: str) -> None:
    """A page of the reserve is not kept, so the next one is asked anew."""
    for _ in range(SOON // 250):
        page.goto(address)
        if not page.get_by_text(AWAY).count():
            return
        page.wait_for_timeout(250)
    raise AssertionError("PostgreSQL still answers in its place")


def of_meilisearch(whole: Up) -> set[int]:
    return {pid for pid, command in whole.family().items() if command.split(" ")[0].endswith("meilisearch")}


def test_a_wrong_letter_is_forgiven_while_one_types_and_when_meilisearch_is_killed(
    whole: Up, service: str, page: Page
) -> None:
    page.goto(f"{service}/tenders?status=all")
    page.locator("#q").press_sequentially("raod", delay=20)
    expect(page.locator(f"{TITLES} mark").first).to_have_text(re.compile("^road", re.IGNORECASE))
    expect(page.locator("#found")).not_to_contain_text(AWAY)
    page.wait_for_url("**q=raod**")
    killed = of_meilisearch(whole)
    assert killed, "`up` started it"
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    page.goto(f"{service}/tenders?status=all&q=raods")  # not asked before: no page of it is kept
    expect(page.locator("#found")).to_contain_text(AWAY)
    expect(page.locator(f"{TITLES} mark").first).to_have_text(re.compile("^road", re.IGNORECASE))
    eventually(lambda: bool(of_meilisearch(whole) - killed), SOON / 1000)
    wait_until_it_answers(page, page.url)
    expect(page.locator(f"{TITLES} mark").first).to_have_text(re.compile("^road", re.IGNORECASE))
