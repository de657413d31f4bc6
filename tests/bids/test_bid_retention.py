"""What bids let go of: drafts and parts that nobody submitted, and in the end the files of bids; never the record."""

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from bidding import TENDER, Market, acting, seal, submit, upload

from procurement.bids.service import drafts
from procurement.bids.service.whole import examine
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role
from procurement.retention import service
from procurement.retention.jobs import sweep
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


class Archive:
    """The parts of a submitted bid, and those of one that never was; all stored two days ago."""

    def __init__(self, database: Database, files: Files, settings: Settings) -> None:
        self.database, self.files, self.data = database, files, Path(settings.data)
        self.submitted: list[str] = []
        self.forgotten: list[str] = []

    async def fill(self, market: Market) -> None:
        bids = [(actor, seal(market, actor.organisation)) for actor in (market.harbour_signs, market.adler_signs)]
        for actor, bid in bids:
            await upload(self.database, self.files, actor, bid)
        await submit(self.database, *bids[0])
        self.submitted, self.forgotten = (list(bid.parts) for _, bid in bids)
        for file in (self.data / "files").rglob("*"):
            os.utime(file, (file.stat().st_mtime - 2 * 86_400,) * 2)

    async def erase(self) -> None:
        await sweep(self.database, self.files, self.data / "mail")

    async def held(self) -> tuple[int, int]:
        """How many files of each there still are."""
        first, second = [
            sum([await self.files.has("sealed", name) for name in names]) for names in (self.submitted, self.forgotten)
        ]
        return first, second


@pytest.fixture
async def archive(database: Database, files: Files, market: Market, settings: Settings) -> Archive:
    archive = Archive(database, files, settings)
    await archive.fill(market)
    return archive


async def test_unsubmitted_parts_go_after_their_time_and_submitted_ones_stay(
    archive: Archive, advance: Advance, owner: asyncpg.Connection
) -> None:
    await advance(timedelta(days=89))
    await archive.erase()
    assert await archive.held() == (3, 3)
    await advance(timedelta(days=3))
    await archive.erase()
    assert await archive.held() == (3, 0)
    assert await owner.fetchval("SELECT count(*) FROM bid_part") == 6, "what was once stored is still known"
    erased = "SELECT count(*) FROM erased_file WHERE record_class = 'unsubmitted-parts' AND gone_at IS NOT NULL"
    assert await owner.fetchval(erased) == 3
    await archive.erase()
    assert await owner.fetchval(erased) == 3


async def test_no_number_tells_that_somebody_prepared_a_bid(
    database: Database, archive: Archive, market: Market, advance: Advance, owner: asyncpg.Connection
) -> None:
    """Of a call that ended without an opening, neither the public nor the buyer's auditor learns who came near it."""
    auditor = acting(market.olga, market.city, Role.AUDITOR)
    async with database.begin(market.adler_signs) as tx:
        await drafts.start(tx, TENDER)
    async with database.begin(auditor) as tx:
        before = await service.overview(tx)
        await service.place(tx, "organisation", market.adler, "The court asks for it")
    await advance(timedelta(days=92))
    async with database.begin(auditor) as tx:
        assert await service.overview(tx) == before, "the share of one organisation's hold shows nothing"
        hold = (await service.holds(tx))[0].id
        await service.ask_to_lift(tx, hold, "The court has decided")
    async with database.begin(acting(market.ines, market.city, Role.AUDITOR)) as tx:
        await service.lift(tx, hold)
    await archive.erase()
    assert await owner.fetchval("SELECT count(*) FROM bid_draft") == 0 and (await archive.held())[1] == 0
    assert not await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'RecordsErased'")


async def test_a_draft_goes_after_its_time_unless_it_is_held(
    database: Database,
    archive: Archive,
    market: Market,
    advance: Advance,
    owner: asyncpg.Connection,
) -> None:
    for actor in (market.harbour_signs, market.adler_signs):
        async with database.begin(actor) as tx:
            await drafts.start(tx, TENDER)
    async with database.begin(acting(market.olga, market.city, Role.AUDITOR)) as tx:
        await service.place(tx, "organisation", market.harbour, "The court asks for it")
    await advance(timedelta(days=92))
    await archive.erase()
    assert [row["supplier_id"] for row in await owner.fetch("SELECT supplier_id FROM bid_draft")] == [market.harbour]


async def test_files_of_bids_end_ten_years_after_a_cancelled_call_and_the_record_stays(
    archive: Archive, advance: Advance, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "UPDATE tender SET state = 'cancelled', cancelled_at = legal_now(), cancelled_by = created_by, "
        "cancel_reason = 'No money'"
    )
    await advance(timedelta(days=3649))
    await archive.erase()
    assert await archive.held() == (3, 0)
    found = await examine(archive.database, archive.files)
    assert (found.bids, found.parts, found.erased, found.flaws) == (1, 3, 0, [])
    await advance(timedelta(days=2))
    await archive.erase()
    assert await archive.held() == (0, 0)
    found = await examine(archive.database, archive.files)
    assert (found.bids, found.parts, found.erased, found.flaws) == (1, 0, 3, []), "nobody misses what has had its time"
    assert await owner.fetchval("SELECT count(*) FROM bid_receipt") == 1
    assert await owner.fetchval("SELECT count(*) FROM bid") == 1


async def test_a_hold_on_the_procurement_keeps_its_files(
    archive: Archive, market: Market, database: Database, advance: Advance
) -> None:
    async with database.begin(acting(market.olga, market.city, Role.AUDITOR)) as tx:
        await service.place(tx, "process", TENDER, "The court asks for it")
    await advance(timedelta(days=5000))
    await archive.erase()
    assert await archive.held() == (3, 3)


async def test_nothing_is_erased_while_a_backup_is_made(
    archive: Archive, advance: Advance, owner: asyncpg.Connection
) -> None:
    await advance(timedelta(days=100))
    await owner.execute("SELECT pg_advisory_lock_shared(hashtext('retention.erase'))")
    await archive.erase()
    assert await archive.held() == (3, 3)
    await owner.execute("SELECT pg_advisory_unlock_shared(hashtext('retention.erase'))")
    await archive.erase()
    assert await archive.held() == (3, 0)


async def test_a_file_stored_again_just_now_is_spared(archive: Archive, advance: Advance) -> None:
    os.utime(archive.data / "files" / "sealed" / archive.forgotten[0][:2] / archive.forgotten[0])
    await advance(timedelta(days=100))
    await archive.erase()
    assert await archive.held() == (3, 1)
