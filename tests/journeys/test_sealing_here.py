"""Bids sealed on the bidder's own device, in Chromium, against the whole service."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from looking import each_look, overflows, violations
from memory import HOME, ROLES, remembered
from playwright.sync_api import Browser, Page, Route, expect
from scanner import files_of, scan
from sealing_page import Sealing, contents
from whole_service import Up

MIB = 1 << 20
As = Callable[[str], Sealing]
MARK = "mark-of-a-bid-sealed-here"
LOOKS = ("1280-light", "390-dark")

expect.set_options(timeout=40_000)  # sealing competes with the other tests for two cores


@pytest.fixture
def as_(browser: Browser, service: str) -> Iterator[As]:
    """A supplier's browser, in which downloads are kept and the storage outlives a tab."""
    with ExitStack() as stack:

        def begin(name: str) -> Sealing:
            context = browser.new_context(base_url=service, reduced_motion="reduce")
            stack.callback(context.close)
            return Sealing(context, name)

        yield begin


def paper(folder: Path, name: str, size: int) -> Path:
    made = folder / name
    made.write_bytes(os.urandom(size))
    return made


def first(most: int) -> Callable[[Route], None]:
    """So many parts pass, whatever becomes of the others."""
    passed = set[str]()

    def handle(route: Route) -> None:
        if len(passed) < most or route.request.url in passed:
            passed.add(route.request.url)
            route.continue_()
        else:
            route.abort()

    return handle


def complaints(page: Page) -> list[str]:
    found = []
    for look in each_look(page):
        if look in LOOKS:
            found += [f"{look}: {one}" for one in violations(page)] + ([f"{look}: too wide"] if overflows(page) else [])
    return found


def test_a_bid_sealed_in_the_browser_is_received_and_opens_in_python(as_: As, whole: Up, tmp_path: Path) -> None:
    mae = as_("Mae Kell")
    mae.open()
    kit = mae.begin(tmp_path)
    method, plan = paper(tmp_path, f"Method {MARK}.pdf", 9 * MIB + 5), paper(tmp_path, "plan.dwg", 0)
    method.write_bytes(f"{MARK} ".encode() * 2000 + method.read_bytes()[: 9 * MIB])
    mae.page.get_by_role("button", name="Check and seal").click()
    expect(mae.page.get_by_role("alert")).to_contain_text("Confirm every declaration, or you cannot bid.")
    expect(mae.page.get_by_role("alert")).to_contain_text("Give the prices of at least one lot.")
    mae.answer("9 048 213,77")
    mae.add(method, plan)
    mae.row(method.name).get_by_label("Why is it confidential?").fill(f"Trade secret: {MARK}")
    expect(mae.page.locator("[data-documents]").get_by_text("Uploaded, not submitted")).to_have_count(2)
    assert complaints(mae.page) == []
    mae.page.get_by_role("button", name="Check and seal").click()
    expect(mae.page.get_by_role("heading", name="Sealed, not submitted")).to_be_focused()
    expect(mae.page.get_by_text("This page has opened the sealed bid again")).to_be_visible()
    expect(mae.page.locator("[data-files]")).to_contain_text(f"Trade secret: {MARK}")
    assert complaints(mae.page) == []
    envelope = mae.submit()
    expect(mae.page.get_by_text(re.compile("bidder.s own device seals it"))).to_be_visible()
    found = contents(whole.data, envelope, kit)
    assert (found[method.name], found[plan.name]) == (method.read_bytes(), b"")
    assert mae.arrived == {blob.sha256 for blob in envelope.blobs}, "nothing else was stored"
    marks = {"mark": MARK, "price": "9048213.77"}
    assert scan({"data": files_of(whole.data)}, marks) == set()
    assert remembered(whole, marks) == {role: {HOME} for role in ROLES}, "it was never readable on this side"


def test_the_price_of_each_lot_is_sealed_in_the_browser_to_a_kit_of_its_own(as_: As, whole: Up, tmp_path: Path) -> None:
    vesna = as_("Vesna Dole")
    vesna.open("Plan for the emergency ward")
    kit = vesna.begin(tmp_path)
    method = paper(tmp_path, "Method.pdf", 9000)
    vesna.answer("61 234,56")
    vesna.add(method)
    expect(vesna.page.locator("[data-documents]").get_by_text("Uploaded, not submitted")).to_have_count(1)
    vesna.close_and_come_back()
    vesna.answer("61 234,56")
    vesna.page.get_by_label("Recovery kit of the technical envelope").set_input_files(kit)
    expect(vesna.page.get_by_role("button", name="Save the kit again")).to_be_visible()
    assert complaints(vesna.page) == []
    vesna.page.get_by_role("button", name="Check and seal").click()
    expect(vesna.page.get_by_text("This page has opened the sealed bid again")).to_be_visible()
    expect(vesna.page.get_by_text(re.compile("Digest of the financial envelope of lot"))).to_have_count(2)
    assert complaints(vesna.page) == []
    kits, (technical, *apart) = vesna.submit_all(tmp_path)
    expect(vesna.page.get_by_text(re.compile("Digest of the financial envelope of lot"))).to_have_count(2)
    assert (technical.kind, technical.m, technical.n, technical.lot_group) == ("technical", 2, 3, "")
    found = contents(whole.data, technical, kit)
    assert sorted(found) == ["Method.pdf", "declarations.json"] and found["Method.pdf"] == method.read_bytes()
    assert [one.kind for one in apart] == ["financial"] * 2 and len({one.lot_group for one in apart}) == 2
    assert [name.partition("-financial")[2] for name in sorted(one.name for one in kits)] == [
        "-lot-1.json",
        "-lot-2.json",
    ]
    for envelope, one in zip(apart, sorted(kits), strict=True):
        assert list(contents(whole.data, envelope, one)) == ["prices.json"]


def test_after_a_closed_tab_only_what_is_missing_is_sent(as_: As, whole: Up, tmp_path: Path) -> None:
    vesna = as_("Vesna Dole")
    vesna.open()
    kit = vesna.begin(tmp_path)
    offer = paper(tmp_path, "offer.zip", 2 * 8 * MIB + 100)
    vesna.on_the_way(first(2))
    vesna.add(offer)
    before = vesna.until_stored(2)
    expect(vesna.going).to_contain_text("The service does not answer just now")
    vesna.close_and_come_back()
    vesna.way_is_free()
    row = vesna.row("offer.zip")
    expect(row).to_contain_text("Choose this file again")
    other = paper(tmp_path, "other.zip", 100)
    row.get_by_label(re.compile("Choose this file again")).set_input_files(other)
    expect(row).to_contain_text("This is not the file that you began with")
    same_name = tmp_path / "elsewhere" / "offer.zip"
    same_name.parent.mkdir()
    same_name.write_bytes(os.urandom(offer.stat().st_size))
    row.get_by_label(re.compile("Choose this file again")).set_input_files(same_name)
    expect(row).to_contain_text("This file has been changed since it was sent in part")
    row.get_by_label(re.compile("Choose this file again")).set_input_files(offer)
    expect(row).to_contain_text("Uploaded, not submitted")
    vesna.answer("12.5")
    vesna.page.get_by_label("Recovery kit of this bid").set_input_files(kit)
    expect(vesna.page.get_by_role("button", name="Save the kit again")).to_be_visible()
    vesna.page.get_by_role("button", name="Check and seal").click()
    expect(vesna.page.get_by_text("This page has opened the sealed bid again")).to_be_visible()
    envelope = vesna.submit()
    assert contents(whole.data, envelope, kit)["offer.zip"] == offer.read_bytes()
    blobs = {blob.sha256 for blob in envelope.blobs}
    assert before < blobs, "what had arrived is part of the bid"
    assert vesna.arrived == blobs, "and nothing of it was sent again"


def test_an_upload_is_paused_and_outlives_a_service_that_is_gone(as_: As, tmp_path: Path) -> None:
    alder = as_("Alder Finch")
    alder.open()
    alder.begin(tmp_path)
    gone = time.monotonic() + 3
    alder.on_the_way(lambda route: route.abort() if time.monotonic() < gone else route.continue_())
    alder.add(paper(tmp_path, "first.pdf", 1000))
    expect(alder.going).to_contain_text("The service does not answer just now")
    expect(alder.row("first.pdf")).to_contain_text("Uploaded, not submitted")
    alder.way_is_free()
    held: list[Route] = []
    alder.on_the_way(lambda route: held.append(route))
    alder.add(paper(tmp_path, "second.pdf", 1000))
    expect(alder.row("second.pdf")).to_contain_text("Sealing and uploading")
    alder.page.get_by_role("button", name="Pause").click()
    expect(alder.row("second.pdf")).to_contain_text("Paused")
    sent = alder.stored()
    alder.way_is_free()
    alder.page.wait_for_timeout(500)
    assert alder.stored() == sent, "paused is paused"
    alder.page.get_by_role("button", name="Go on").click()
    expect(alder.row("second.pdf")).to_contain_text("Uploaded, not submitted")


def test_a_part_that_is_altered_on_the_way_is_not_taken(as_: As, tmp_path: Path) -> None:
    alder = as_("Alder Finch")
    alder.open()
    alder.begin(tmp_path)
    answers: list[int] = []
    alder.context.on(
        "response", lambda answer: answers.append(answer.status) if answer.request.method == "PUT" else None
    )
    alder.on_the_way(lambda route: route.continue_(post_data=_altered(route.request.post_data_buffer or b"")))
    alder.add(paper(tmp_path, "offer.pdf", 1000))
    expect(alder.going).to_contain_text("A part arrived altered three times")
    assert answers == [422, 422, 422] and alder.stored() == set()
    alder.way_is_free()
    alder.page.get_by_role("button", name="Go on").click()
    expect(alder.row("offer.pdf")).to_contain_text("Uploaded, not submitted")


def _altered(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])
