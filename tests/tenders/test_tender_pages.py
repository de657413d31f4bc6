"""A tender in the browser: drafted step by step, published by a second person, extended, cancelled."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import httpx
import pytest
from tendering import NEXT_YEAR, Keys, Town, Visitor, complete_draft, open_tender, visitor

from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
PDF = b"%PDF-1.7\n" + b"x" * 2000
Enter = Callable[[str], Awaitable[Visitor]]


@pytest.fixture
def enter(database: Database, client: httpx.AsyncClient, town: Town) -> Enter:
    """Sign somebody in by first name; "" is a visitor without an account."""
    return lambda name: visitor(database, client, getattr(town, name) if name else None)


def where(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_an_officer_drafts_step_by_step_and_an_approver_publishes(enter: Enter, keyholder: Path) -> None:
    olga = await enter("olga")
    base = where(await olga.send("/tenders/new", title="School meals", category="services"))
    assert "Estimate the value." in (await olga.get(base)).text
    about = {"title": "School meals, 14 schools", "category": "services", "description": "Warm meals.",
             "value": "1 240,50", "contract_terms": "Delivered at noon."}  # fmt: skip
    assert where(await olga.send(f"{base}/about", **about)) == base
    where(await olga.send(f"{base}/lots", title="Schools by the sea", value="240.50"))
    page = await olga.get(f"{base}/items")
    lots = [part.split('"')[0] for part in page.text.split('<option value="')[1:]]
    for lot in lots:
        item = {
            "lot": lot,
            "description": "Meal",
            "classification_id": "55523100-3",
            "quantity": "1000",
            "unit": "meal",
        }
        where(await olga.send(f"{base}/items", **item))
    where(await olga.send(f"{base}/criteria", f"{base}/criteria/method", award_method="weighted"))
    where(await olga.send(f"{base}/criteria", name="Price", kind="price", weight="60"))
    where(await olga.send(f"{base}/criteria", name="Taste", kind="quality", weight="40"))
    where(await olga.upload(f"{base}/documents", "Menu plan.pdf", PDF))
    check = await olga.get(f"{base}/check")
    assert "Set the deadline" in check.text
    assert "Submit for approval" not in check.text
    where(await olga.send(f"{base}/timetable", deadline=f"{NEXT_YEAR}-11-30T21:00"))
    week_before = f"{date(NEXT_YEAR, 11, 23):%A} 23 November"
    assert f"end of {week_before}" in (await olga.get(f"{base}/timetable")).text
    assert where(await olga.send(f"{base}/check", f"{base}/submit")) == base
    assert "Waits for approval" in (await olga.get(base)).text

    tender = base.removesuffix("/draft")
    pia = await enter("pia")
    assert "School meals, 14 schools" in (await pia.get(f"{tender}/approve")).text
    assert where(await pia.send(f"{tender}/approve")) == tender
    assert "Open for bids" in (await olga.get(base)).text


async def test_what_was_typed_is_kept_when_it_is_refused(enter: Enter, database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
    olga = await enter("olga")
    items = f"/tenders/{tender}/draft/items"
    answer = await olga.send(
        items, lot="nowhere", description="Kerbstones", classification_id="452", quantity="-1", unit="m"
    )
    assert answer.status_code == 422
    assert "Error:" in answer.text
    assert 'value="Kerbstones"' in answer.text
    assert "Choose one of this tender" in answer.text
    about = await olga.send(f"/tenders/{tender}/draft/about", title="", category="works", value="a lot")
    assert (about.status_code, "Fill this in." in about.text, 'value="a lot"' in about.text) == (422, True, True)
    method = await olga.send(f"/tenders/{tender}/draft/criteria", f"/tenders/{tender}/draft/criteria/method")
    assert method.status_code == 422
    deadline = await olga.send(f"/tenders/{tender}/draft/timetable", deadline="tomorrow")
    assert (deadline.status_code, "Choose a date and a time." in deadline.text) == (422, True)


async def test_rows_are_changed_and_removed_on_their_own_pages(enter: Enter, database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
        draft = await tenders.tender(tx, tender)
    olga, base = await enter("olga"), f"/tenders/{tender}/draft"
    lot, item, criterion = draft.lots[0].id, draft.items[0].id, draft.criteria[2].id
    where(await olga.send(f"{base}/lots/{lot}", title="Harbour Road, north", description="", value=""))
    fields = {"lot": lot, "description": "Asphalt", "classification_id": "45233222", "quantity": "3", "unit": "t"}
    where(await olga.send(f"{base}/items/{item}", **fields))
    where(await olga.send(f"{base}/criteria/{criterion}", name="Insurance", kind="pass-fail", weight="0", lot=lot))
    assert "Harbour Road, north" in (await olga.get(f"{base}/check")).text
    last = await olga.send(f"{base}/lots", f"{base}/lots/{lot}/remove")
    assert (last.status_code, "at least one lot" in last.text) == (422, True)
    where(await olga.send(f"{base}/items", f"{base}/items/{item}/remove"))
    where(await olga.send(f"{base}/criteria", f"{base}/criteria/{criterion}/remove"))
    assert (await olga.get(f"{base}/items/{item}")).status_code == 404


async def test_a_document_goes_up_as_a_stream_and_comes_down_as_it_was(
    enter: Enter, database: Database, town: Town, tmp_path: Path
) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
    olga, page = await enter("olga"), f"/tenders/{tender}/draft/documents"
    where(await olga.upload(page, "../Über plan (1).pdf", PDF))
    where(await olga.upload(page, "Über plan (1).pdf", PDF + b"more"))
    async with database.begin(town.olga) as tx:
        first, second = (await tenders.tender(tx, tender)).documents
    assert [(one.name, one.version) for one in (first, second)] == [("Über plan (1).pdf", 1), ("Über plan (1).pdf", 2)]
    address = f"/tenders/{tender}/documents/{second.id}/plan.pdf"
    answer = await olga.client.get(address, headers={"Accept-Encoding": "gzip"})
    assert (answer.content, answer.headers["content-type"]) == (PDF + b"more", "application/pdf")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%9Cber%20plan%20%281%29.pdf"
    assert "sandbox" in answer.headers["content-security-policy"]
    nobody = await enter("")
    assert (await nobody.get(address)).status_code == 404, "nobody else learns that there is a draft"
    where(await olga.send(page, f"{page}/{first.id}/remove"))
    assert (await olga.get(f"/tenders/{tender}/documents/{first.id}/plan.pdf")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("plan.exe", PDF, 422, "ends in one of"),
        ("plan.pdf", b"MZ" + b"\0" * 900, 422, "what it holds is not"),
        ("plan.txt", b"\0\1\2", 422, "what it holds is not"),
        ("plan.pdf", b"", 422, "The file is empty."),
        ("plan.pdf", b"%PDF-" + b"x" * (52 << 20), 413, "at most"),
    ],
)
async def test_a_file_of_the_wrong_kind_or_size_is_refused_with_its_reason(
    enter: Enter, database: Database, town: Town, tmp_path: Path, name: str, content: bytes, status: int, words: str
) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
    answer = await (await enter("olga")).upload(f"/tenders/{tender}/draft/documents", name, content)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text[:500]
    async with database.begin(town.olga) as tx:
        assert (await tenders.tender(tx, tender)).documents == ()
    assert [file for file in (tmp_path / "data").rglob("*") if file.is_file()] == []


async def test_an_upload_without_its_token_is_refused(enter: Enter, database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
    olga = await enter("olga")
    answer = await olga.client.post(f"/tenders/{tender}/draft/documents", files={"file": ("plan.pdf", PDF)})
    assert answer.status_code == 403


async def test_two_people_extend_and_one_person_cannot(
    enter: Enter, database: Database, town: Town, keyholder: Path
) -> None:
    tender = await open_tender(database, town, Keyholder(keyholder))
    page = f"/tenders/{tender}/amend"
    omar, pia = await enter("omar"), await enter("pia")
    early = await omar.send(page, deadline="2020-01-01T12:00", reason="Because it is better.")
    assert (early.status_code, "never shortened" in early.text or "after the present" in early.text) == (422, True)
    where(await omar.send(page, deadline=f"{NEXT_YEAR}-06-01T12:00", reason="Because bidders asked."))
    own = await omar.send(page, f"{page}/approve")
    assert (own.status_code, "A second person" in own.text) == (403, True)
    where(await pia.send(page, f"{page}/approve"))
    assert f"1 June {NEXT_YEAR}" in (await pia.get(page)).text


async def test_a_tender_is_cancelled_with_a_public_reason(enter: Enter, database: Database, town: Town) -> None:
    tender = await open_tender(database, town)
    olga = await enter("olga")
    empty = await olga.send(f"/tenders/{tender}/cancel", reason="")
    assert (empty.status_code, "Fill this in." in empty.text or "Write the reason" in empty.text) == (422, True)
    where(await olga.send(f"/tenders/{tender}/cancel", reason="The road was washed away."))
    assert "The road was washed away." in (await olga.get(f"/tenders/{tender}/draft")).text


PAGES = ("draft", "draft/about", "draft/lots", "draft/items", "draft/criteria", "draft/documents", "draft/timetable",
         "draft/check", "approve", "amend", "cancel")  # fmt: skip


@pytest.mark.parametrize("state", ["draft", "submitted", "open"])
async def test_every_page_is_for_the_buyer_alone_in_every_state(
    enter: Enter, database: Database, town: Town, state: str
) -> None:
    async with database.begin(town.olga) as tx:
        tender = await complete_draft(tx)
        if state != "draft":
            await tenders.submit(tx, Keys(), tender)
    if state == "open":
        async with database.begin(town.pia) as tx:
            await tenders.approve(tx, Keys(), tender)
    people = {"olga": 200, "pia": 200, "rosa": 403 if state == "open" else 404, "ines": 403, "": 303}
    for name, status in people.items():
        one = await enter(name)
        for page in PAGES:
            answer = await one.get(f"/tenders/{tender}/{page}")
            assert answer.status_code == status, (name, page, answer.text[:300])
