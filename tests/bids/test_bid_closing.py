"""Closing fixes which bids can be opened: exactly those, once, and never a moment early."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from bidding import OPEN_FOR, TENDER, Clocks, Market, deliver, seal, submit, upload
from locks import is_held_up

from procurement.bids import jobs, service
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import closing_root
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio

CLOSER = system("closing")


async def close(database: Database, clocks: Clocks) -> service.Closing:
    async with database.begin(CLOSER) as tx:
        return await service.close(tx, clocks, TENDER)  # type: ignore[arg-type]  # it tells the time, as a keyholder does


async def test_closing_fixes_the_final_versions_and_nothing_else(
    database: Database, files: Files, market: Market, clocks: Clocks, advance: object, owner: asyncpg.Connection
) -> None:
    await deliver(database, files, market, market.harbour_signs)
    final = await deliver(database, files, market, market.harbour_signs, 2)
    await deliver(database, files, market, market.adler_signs)
    async with database.begin(market.adler_signs) as tx:
        await service.withdraw(tx, TENDER)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    closing = await close(database, clocks)
    assert (closing.bids, closing.root) == closing_root([final.bid.digest])
    async with database.begin(CLOSER) as tx:
        finals = await service.final_envelopes(tx, TENDER)
    assert [(bid.bid_id, bid.version, bid.supplier) for bid in finals] == [(final.bid.id, 2, market.harbour)]
    assert await owner.fetchval("SELECT closed_at FROM tender") == closing.closed_at


async def test_an_earlier_version_does_not_come_back_when_the_last_is_withdrawn(
    database: Database, files: Files, market: Market, clocks: Clocks, advance: object
) -> None:
    for version in (1, 2):
        await deliver(database, files, market, market.harbour_signs, version)
    async with database.begin(market.harbour_signs) as tx:
        await service.withdraw(tx, TENDER)
    await advance(OPEN_FOR)  # type: ignore[operator]
    assert (await close(database, clocks)).bids == 0


async def test_nobody_closes_before_the_deadline(database: Database, market: Market, clocks: Clocks) -> None:
    with pytest.raises(Refused) as no:
        await close(database, clocks)
    assert no.value.code == "not-due"


async def test_nothing_can_be_opened_before_closing(
    database: Database, files: Files, market: Market, advance: object
) -> None:
    await deliver(database, files, market, market.harbour_signs)
    await advance(OPEN_FOR)  # type: ignore[operator]
    async with database.begin(CLOSER) as tx:
        with pytest.raises(Refused) as no:
            await service.final_envelopes(tx, TENDER)
    assert no.value.code == "not-closed"


async def test_a_bid_exchanged_after_closing_is_not_handed_to_the_opening(
    database: Database, files: Files, market: Market, clocks: Clocks, advance: object, owner: asyncpg.Connection
) -> None:
    """By somebody who can switch the triggers off: the root that closing fixed knows every digest."""
    await deliver(database, files, market, market.harbour_signs)
    await advance(OPEN_FOR)  # type: ignore[operator]
    await close(database, clocks)
    await owner.execute("ALTER TABLE bid DISABLE TRIGGER USER")
    await owner.execute("UPDATE bid SET digest = repeat('0', 64)")
    async with database.begin(CLOSER) as tx:
        with pytest.raises(Refused) as no:
            await service.final_envelopes(tx, TENDER)
    assert no.value.code == "closing-differs"


async def test_two_closers_at_once_close_once(
    database: Database, files: Files, market: Market, clocks: Clocks, advance: object, owner: asyncpg.Connection
) -> None:
    await deliver(database, files, market, market.harbour_signs)
    await advance(OPEN_FOR)  # type: ignore[operator]
    closings = await asyncio.gather(*(close(database, clocks) for _ in range(5)))
    assert len({closing.record_id for closing in closings}) == 1
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'TenderClosed'") == 1


@pytest.mark.parametrize("behind", [timedelta(seconds=5), timedelta(seconds=-5)])
async def test_neither_latch_nor_watermark_moves_while_clocks_differ(
    behind: timedelta, database: Database, market: Market, clocks: Clocks, advance: object, owner: asyncpg.Connection
) -> None:
    await advance(OPEN_FOR)  # type: ignore[operator]
    clocks.behind = behind
    with pytest.raises(Refused) as no:
        await jobs.sweep(database, clocks)  # type: ignore[arg-type]
    assert no.value.code == "clocks-differ"
    assert await owner.fetchval("SELECT closed_at FROM tender") is None
    assert await owner.fetchval("SELECT at = '-infinity' FROM clock_watermark")


async def test_the_sweep_raises_the_watermark_and_closes_what_is_due(
    database: Database, files: Files, market: Market, clocks: Clocks, advance: object, owner: asyncpg.Connection
) -> None:
    await jobs.sweep(database, clocks)  # type: ignore[arg-type]
    assert await owner.fetchval("SELECT closed_at FROM tender") is None
    assert await owner.fetchval("SELECT legal_now() - at < interval '5 seconds' FROM clock_watermark")
    await deliver(database, files, market, market.harbour_signs)
    await advance(OPEN_FOR)  # type: ignore[operator]
    await jobs.sweep(database, clocks)  # type: ignore[arg-type]
    assert await owner.fetchval("SELECT closed_at FROM tender") is not None
    assert await owner.fetchval("SELECT bids FROM bid_closing") == 1


async def test_closing_waits_for_submissions_in_flight_and_every_accepted_bid_is_counted(
    database: Database, files: Files, market: Market, clocks: Clocks, advance: object, owner: asyncpg.Connection
) -> None:
    """Bids and closers race across the deadline: each bid is either refused as late or in the closing root."""
    bids = {
        actor.organisation: (actor, seal(market, actor.organisation))
        for actor in (market.harbour_signs, market.adler_signs)
    }
    for actor, bid in bids.values():
        await upload(database, files, actor, bid)

    async def closer() -> None:
        while True:
            try:
                await close(database, clocks)
            except Refused:
                await asyncio.sleep(0.002)
            else:
                return

    closing = asyncio.gather(closer(), closer())
    sent = [asyncio.create_task(submit(database, actor, bid)) for actor, bid in bids.values()]
    await advance(OPEN_FOR)  # type: ignore[operator]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    await closing
    accepted = [answer.bid.digest for answer in answers if isinstance(answer, service.Receipt)]
    assert all(answer.code == "bid-late" for answer in answers if isinstance(answer, Refused))
    row = await owner.fetchrow("SELECT bids, root FROM bid_closing")
    assert (row["bids"], row["root"]) == closing_root(accepted)
    late = "SELECT count(*) FROM ledger_record WHERE type = 'BidReceived' AND id > (SELECT record_id FROM bid_closing)"
    assert await owner.fetchval(late) == 0


async def test_an_extension_and_a_submission_do_not_interleave(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    """The extension holds the tender's exclusive lock; the bid waits and gets the new deadline."""

    bid = seal(market, market.harbour)
    await upload(database, files, market.harbour_signs, bid)
    before = await owner.fetchval("SELECT deadline FROM tender")
    async with database.begin(CLOSER) as tx:
        await tenders.lock_exclusive(tx, TENDER)
        waiting = asyncio.create_task(submit(database, market.harbour_signs, bid))
        assert await is_held_up(waiting, owner)
        await owner.execute(
            "UPDATE tender SET deadline = deadline + interval '1 day', opening_at = opening_at + interval '1 day'"
        )
    receipt = await waiting
    assert receipt.bid.deadline_applied == before + timedelta(days=1)
