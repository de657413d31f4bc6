"""The opening record as a document: what it says, what it never says, and that the same facts give the same bytes."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
from bids_to_open import seal
from opening_day import RECEIPTS, Day
from tendering import MODEL_LAW, settle_town, visitor

from procurement.infra import documents
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Database
from procurement.kernel.sealing.signing import must_be_signed
from procurement.opening import jobs, service
from procurement.opening.service import paper_text
from procurement.opening.service.paper_text import PaperText
from procurement.opening.service.steps import OPENER
from procurement.opening.tables import OpeningPaperRow, OpeningRow
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def open_three(day: Day, advance: Advance) -> None:
    """Two good bids and one whose prices are for something else."""
    tender = await day.tender()
    for name in ("Adler Strassenbau", "Stone Works", "Bright & Daughters"):
        bidder = await day.bidder(name)
        prices = b'{"currency":"EUR","items":[],"lots":[]}' if name.startswith("Bright") else b""
        await day.submit(bidder, seal(tender, bidder.organisation, prices=prices))
    await day.close_bidding(advance)


async def write(day: Day) -> None:
    await jobs.write_papers(day.database, day.files, RECEIPTS)


async def words(day: Day) -> PaperText:
    """What the document was made of."""
    async with day.database.begin(OPENER) as tx:
        row = await tx.session.get_one(OpeningPaperRow, day.tender_id)
        opening = await tx.session.get_one(OpeningRow, day.tender_id)
        placed = await ledger.placed(tx.session, row.record_id)
        assert placed
        return await paper_text.text(tx, opening, placed, RECEIPTS)


async def test_it_is_written_once_its_record_is_placed_and_its_hash_is_a_fact(
    day: Day, advance: Advance, client: httpx.AsyncClient
) -> None:
    anyone = await visitor(day.database, client, None)
    addresses = [f"{at}/tenders/{day.tender_id}/opening/record.pdf" for at in ("", "/api/v1")]
    await open_three(day, advance)
    assert [(await anyone.get(address)).status_code for address in addresses] == [409, 409]
    await day.open()
    await write(day)
    assert "being written" in (await anyone.get(addresses[0])).text
    await day.sequence()
    await write(day)
    first, second = [await anyone.get(address) for address in addresses]
    assert first.content == second.content
    assert first.content.startswith(b"%PDF-1.7")
    assert f'filename="opening-{day.tender_id}.pdf"' in first.headers["content-disposition"]
    await write(day)
    await day.sequence()
    sha256 = hashlib.sha256(first.content).hexdigest()
    async with day.database.begin(OPENER) as tx:
        entries = await ledger.of_process(tx.session, (await day.tender()).ocid)
    read = [json.loads(entry.record) for entry in entries]
    assert [one["fact"] for one in read if one["type"] == "OpeningRecordWritten"] == [
        {"tender": day.tender_id, "sha256": sha256}
    ]
    assert sha256 in (await anyone.get(f"/tenders/{day.tender_id}/opening")).text


async def test_it_says_what_the_signed_record_says_and_the_same_facts_give_the_same_bytes(
    day: Day, advance: Advance
) -> None:
    await open_three(day, advance)
    await day.open()
    await day.sequence()
    said = await words(day)
    assert [one.name for one in said.read] == ["Adler Strassenbau", "Stone Works", "Bright & Daughters"]
    assert [bool(one.problem) for one in said.read] == [False, False, True]
    assert said.read[0].total == "1\u202f250\u202f050.00 EUR"
    assert (said.read[2].total, said.bids, said.clean, said.not_scanned) == ("", 3, 0, 2)
    assert [act.who for act in said.acts] == [
        "The service", "An officer of the buyer", "An approver of the buyer", "The key service", "The service",
    ]  # fmt: skip
    async with day.database.begin(OPENER) as tx:
        signed = json.loads(await service.record(tx, RECEIPTS, day.tender_id))
        record = (await tx.session.get_one(OpeningRow, day.tender_id)).record
        shown_at = (await service.opening(tx, day.tender_id)).shown_at  # type: ignore[union-attr]  # it is opened
    assert (said.signature, said.key, said.root) == (
        signed["signature"], signed["key"], signed["record"]["opened"]["root"],
    )  # fmt: skip
    assert record and shown_at
    must_be_signed(RECEIPTS.private.public_key(), record, said.signature)
    assert said.sha256 == hashlib.sha256(record).hexdigest()
    names = msgspec.json.encode(said)
    assert b"Olga" not in names
    assert b"Pia" not in names
    once, again = [await documents.pdf("opening/record.typ", said, shown_at) for _ in range(2)]
    assert once == again


async def test_it_names_the_key_holders_who_acted_by_their_office(double: Day, advance: Advance) -> None:
    bidder = await double.bidder("Adler Strassenbau")
    await double.submit(bidder, seal(await double.tender(), bidder.organisation))
    await double.close_bidding(advance)
    await double.open()
    for one in double.holders[:2]:
        await double.give(one)
    await double.sweep()
    await double.sequence()
    said = await words(double)
    gave = [act.who for act in said.acts if "gave their shares" in act.did]
    assert len(gave) == 2
    assert "of whom 2 are needed" in next(act.did for act in said.acts if act.who == gave[0])
    await write(double)
    async with double.database.begin(OPENER) as tx:
        assert await service.paper(tx, double.tender_id)


async def test_where_nothing_is_read_aloud_it_names_nobody_and_no_price(
    database: Database, settings: Settings, keyholder: Path, advance: Advance
) -> None:
    town = await settle_town(database, rules=MODEL_LAW.replace(b"public = true", b"public = false"))
    day = Day(database, keyholder, settings.sequencer_database_url, Path(settings.data), town)
    await day.prepare()
    await open_three(day, advance)
    await day.open()
    await day.sequence()
    said = await words(day)
    assert [one.name for one in said.read] == ["Bid 1", "Bid 2", "Bid 3"]
    assert {(one.received, one.total, one.lots) for one in said.read} == {("", "", ())}
    assert [one.problem for one in said.read] == ["", "", "prices-malformed"]
    await day.close()


async def test_a_written_record_stands(day: Day, advance: Advance, owner: asyncpg.Connection) -> None:
    await day.close_bidding(advance)
    await day.open()
    await day.sequence()
    await write(day)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="a written opening record stays"):
        await owner.execute("UPDATE opening_paper SET size = 1")
