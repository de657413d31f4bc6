"""The tour: one procurement from draft to contract over HTTP, then checked by a stranger with a kept checkpoint, and
its deposit by those whom it concerns; and the same with key holders.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import msgspec
import pytest
from looking import overflows, violations
from ocds_data import SAMPLES, needs_samples
from ocds_schema import RELEASE, errors
from playwright.sync_api import Browser, Page, expect
from republic import address, republic
from second_lock import give_in_browser, give_with_tool, seal_in_browser
from whole_service import Up

from procurement.tour.acts import DoubleTour
from procurement.tour.cast import eventually
from procurement.tour.people import Person, fictional
from procurement.tour.story import OWN, taken_from

STEPS, DOUBLE_STEPS = 24, 31


class Played(msgspec.Struct):
    """The tour of our own story: its tender, and the checkpoint that was kept before."""

    tender: str
    checkpoint: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with republic(tmp_path_factory) as up:
        yield up


@pytest.fixture(scope="module")
def url(service: Up) -> str:
    return address(service)


@pytest.fixture(scope="module")
def played(url: str) -> Played:
    kept = httpx.get(f"{url}/ledger/checkpoint").text
    return Played(tour(url), kept)


def procurement(*words: str | Path) -> str:
    """What the command says, which must end well."""
    done = subprocess.run([sys.executable, "-m", "procurement", *words], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tour(url: str, *options: str | Path, steps: int = STEPS) -> str:
    """Play it; returns the tender's reference."""
    said = procurement("tour", "--url", url, *options)
    assert said.count("✓") == steps, said
    found = re.search(r"/tenders/(\S+)$", said.strip())
    assert found, said
    print(said)
    return found[1]


def ocid_of(url: str, tender: str) -> str:
    return str(httpx.get(f"{url}/api/v1/tenders/{tender}").json()["ocid"])


@pytest.fixture
def signed_in(url: str) -> Iterator[Callable[[str], Person]]:
    """Somebody of the republic with a browser and a program."""
    known = fictional(url)
    with ExitStack() as stack:

        def person(name: str) -> Person:
            one = Person(url, name)
            stack.callback(one.close)
            one.become(known[name])
            return one

        yield person


def test_a_stranger_verifies_the_tour(url: str, played: Played, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint"
    kept.write_text(played.checkpoint)
    key = httpx.get(f"{url}/ledger/keys").json()["checkpoints"]
    ocid = ocid_of(url, played.tender)
    said = procurement("verify", "tender", ocid, "--from", url, "--checkpoint", kept, "--key", key)
    print(said)
    assert f"VERIFIED  {ocid}" in said
    for checked in (
        "were hidden first and disclosed later, unchanged",
        "submissions and withdrawals came before the deadline and the closing",
        "bids opened: 2, exactly those that the closing fixed",
        "1 awards went to the bidders of opened bids, at the prices read out",
        "the opening record is signed, and names who asked, confirmed and gave shares as the log does",
        "the tender reads as revision 1 was published",
        "bids shown: 2, those read out at the opening",
        "awards shown: 1, those that were announced",
    ):
        assert checked in said
    assert "without --checkpoint" not in said


def test_who_lost_has_its_deposit_back_with_a_receipt_for_each(
    service: Up, played: Played, signed_in: Callable[[str], Person]
) -> None:
    """Read anew by its bidder, who sees what moved, when and why; the books agree, and it is nobody else's."""
    karl = signed_in("Karl Adler")
    karl.make_token()
    mine = karl.program.me().organisation
    (award,) = karl.program.awards.announced(played.tender)
    assert award.supplier not in ("", mine)
    (charge,) = [one for one in karl.json("/api/v1/charges") if one["subject"] == played.tender]
    assert (charge["amount"], charge["state"]) == ({"amount": 480_00, "currency": "EUR"}, "returned")
    came, went = karl.json(f"/api/v1/charges/{charge['id']}")["movements"]
    assert (came["kind"], came["channel"], came["money"]) == ("received", "transfer", charge["amount"])
    assert (went["kind"], went["basis"], went["money"]) == ("returned", "article 17(3)", charge["amount"])
    told = [one for one in karl.json("/api/v1/inbox")["messages"] if one["kind"] == "receipt"][:2]
    assert [re.sub(r"RF\d+-\d+", "…", one["title"]) for one in told] == [
        "Receipt … for your refund",
        "Receipt … for your payment",
    ]
    ines = signed_in("Ines Marsh")
    for message in told:
        assert message["tender"] == "", "a message that names the tender would tell who bids"
        assert karl.get(message["link"]).content.startswith(b"%PDF-")
        ines.get(message["link"], status=404)
    for name in ("Ines Marsh", "Joan Bright", "Agnes Reed", "Rosa Field"):
        assert signed_in(name).http.get(f"/payments/{charge['id']}").status_code in (403, 404), name
    assert "the record, the books and the figures of charges agree" in service.run("doctor").stdout


def test_who_lost_finds_in_a_browser_what_came_back_and_both_receipts(url: str, played: Played, page: Page) -> None:
    page.goto(f"{url}/sign-in")
    page.locator("button", has_text="Karl Adler").first.click()
    expect(page).to_have_url(re.compile("/desk"))
    page.goto(f"{url}/payments")
    page.locator("tr", has_text=OWN.title).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=re.compile(r"480\.00\sEUR has been returned to you"))).to_be_visible()
    expect(page.locator("#movements tbody tr")).to_have_count(2)
    assert violations(page) == [] and not overflows(page)
    for kind in ("payment", "refund"):
        page.goto(f"{url}/inbox")
        page.get_by_role("link", name=re.compile(f"^Receipt .* for your {kind}$")).first.click()
        page.get_by_role("button", name="Open the message").click()
        receipt = page.locator("a", has_text="See it there").get_attribute("href")
        assert page.request.get(f"{url}{receipt}").body().startswith(b"%PDF-")
        assert violations(page) == [] and not overflows(page)


@needs_samples
def test_the_tour_of_a_published_notice_gives_valid_ocds_also_with_key_holders(url: str) -> None:
    theirs = sorted((SAMPLES / "uk/sample/releases").glob("*.json"))[0]
    tender = tour(url, "--seal", "S2", "--from", theirs, steps=DOUBLE_STEPS)
    record = httpx.get(f"{url}/api/v1/tenders/{tender}/opening/record").json()["record"]
    assert len({one["holder"] for one in record["shares"]}) == 2 and len(record["opened"]["bids"]) == 2
    ocid = ocid_of(url, tender)
    releases = httpx.get(f"{url}/ocds/releases/{ocid}").json()
    assert errors("release-package-schema.json", releases) == []
    tags = [tag for release in releases["releases"] for tag in release["tag"]]
    assert tags[0] == "tender" and {"award", "contract"} <= set(tags)
    record = httpx.get(f"{url}/ocds/record/{ocid}").json()
    assert errors("record-package-schema.json", record) == []
    compiled = record["records"][0]["compiledRelease"]
    assert errors(RELEASE, compiled) == []
    assert compiled["tender"]["title"] == taken_from(theirs).title.strip()
    assert len(compiled["bids"]["details"]) == 2


@pytest.fixture
def double(url: str) -> Iterator[DoubleTour]:
    """A tender at seal level S2, open for bids."""
    tour = DoubleTour(url, OWN)
    for act in (tour.draft, tour.make_keys, tour.choose_holders, tour.submit_draft, tour.sign_roster, tour.publish):
        act()
    yield tour
    tour.close()


def test_a_bid_sealed_in_a_browser_opens_when_holders_gave_in_a_browser_and_with_the_tool(
    url: str, double: DoubleTour, browser: Browser, page: Page, tmp_path: Path
) -> None:
    envelope = seal_in_browser(browser, double, "Mae Kell", tmp_path)
    assert (envelope.m, envelope.n, envelope.sealed_by) == (2, 3, "client")
    double.ask_to_open()
    give_with_tool(double, "Sara Lindqvist", tmp_path)
    give_in_browser(page, double, "Bela Toth", tmp_path)
    eventually(double.shown)
    (bid,) = double.public.opening.state(double.id).read_out
    assert bid.problem == "" and [lot.amount for lot in bid.lots.values()] == [2 * 60 * 350_00]
    ocid = double.tender.ocid
    said = procurement("verify", "tender", ocid, "--from", url)
    assert f"VERIFIED  {ocid}" in said
    assert "2 of 3 key holders open together: all enrolled, and signed for each other" in said
    assert "bids opened: 1, exactly those that the closing fixed" in said
