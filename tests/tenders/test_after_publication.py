"""A published tender until its end: later deadlines, the latch, the cancellation, and who waits for whom."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest
from locks import is_held_up
from sqlalchemy import text
from tendering import MONTH, Keys, Town, complete_draft, open_tender, refused

from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import NOBODY
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import Clocks
from procurement.tenders import service as tenders
from procurement.tenders.rules import Phase

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]
REASON = "Bidders asked for more time over the holidays."


async def recorded(database: Database, town: Town) -> list[str]:
    """The types of the tenders' facts, in order."""
    async with database.begin(town.olga) as tx:
        rows = await tx.session.scalars(
            text("SELECT type FROM ledger_record WHERE type ~ 'Tender|Deadline|Question' ORDER BY id")
        )
        return list(rows)


async def test_a_deadline_moves_forward_by_two_people(
    database: Database, town: Town, keys: Keys, advance: Advance
) -> None:
    tender_id = await open_tender(database, town, keys)
    async with database.begin(town.omar) as tx:
        before = await tenders.tender(tx, tender_id)
        later = before.deadline + timedelta(days=7)
        await tenders.propose_extension(tx, tender_id, later, REASON)
    assert (
        await refused(database, town.omar, lambda tx: tenders.approve_extension(tx, keys, tender_id)) == "same-person"
    )
    assert (
        await refused(database, town.olga, lambda tx: tenders.propose_extension(tx, tender_id, later, REASON))
        == "extension-waits"
    )
    async with database.begin(town.pia) as tx:
        assert await tenders.extensions(tx, tender_id) == [], "what waits is not public"
        await tenders.approve_extension(tx, keys, tender_id)
    async with database.begin(town.pia) as tx:
        assert [(one.deadline, one.reason) for one in await tenders.extensions(tx, tender_id)] == [(later, REASON)]
        after = await tenders.tender(tx, tender_id)
        revisions = await tenders.revisions(tx, tender_id)
        assert await tenders.waiting_extension(tx, tender_id) is None
    assert (after.deadline, after.revision) == (later, 2)
    assert after.question_deadline == before.question_deadline + timedelta(days=7)
    assert keys.bound[tender_id] == after.opening_at == later
    assert [one.sha256 for one in revisions] == [before.revision_hash, after.revision_hash]
    assert (await recorded(database, town))[-1] == "DeadlineExtended"


async def test_an_extension_that_the_deadline_overtakes_is_refused(
    database: Database, town: Town, keys: Keys, owner: asyncpg.Connection
) -> None:
    """The service reads the clock twice before it writes; the database reads it once more, and then it is too late."""
    tender_id = await open_tender(database, town, keys)
    async with database.begin(town.omar) as tx:
        deadline = (await tenders.tender(tx, tender_id)).deadline
        await tenders.propose_extension(tx, tender_id, deadline + MONTH, REASON)
    await owner.execute("CREATE SEQUENCE looks; GRANT USAGE ON SEQUENCE looks TO procurement_app")
    await owner.execute(f"""
        CREATE OR REPLACE FUNCTION legal_now() RETURNS timestamptz LANGUAGE sql AS $$
            SELECT timestamptz '{deadline}'
                - CASE WHEN nextval('public.looks') > 2 THEN '0' ELSE '1 ms' END::interval $$
    """)
    code = await refused(database, town.pia, lambda tx: tenders.approve_extension(tx, keys, tender_id))
    assert code == "tender-not-open"
    assert await owner.fetchval("SELECT deadline FROM tender") == deadline
    assert keys.bound[tender_id] == deadline


async def test_whoever_submits_does_not_wait_for_a_keyholder_that_hangs(database: Database, town: Town) -> None:
    class Hanging(Keys):
        free: set[str] | None = None

        async def clocks(self) -> Clocks:
            async with database.begin(NOBODY) as bidder:
                self.free = await tenders.lock_shared_if_free(bidder, {tender_id})
            raise Refused("unavailable", "It does not answer.", status=503)

    tender_id, keys = await open_tender(database, town, Keys()), Hanging()
    async with database.begin(town.olga) as tx:
        deadline = (await tenders.tender(tx, tender_id)).deadline
        await tenders.propose_extension(tx, tender_id, deadline + MONTH, REASON)
    code = await refused(database, town.pia, lambda tx: tenders.approve_extension(tx, keys, tender_id))
    assert (code, keys.free) == ("unavailable", {tender_id})


async def test_a_declined_extension_changes_nothing(database: Database, town: Town, keys: Keys) -> None:
    tender_id = await open_tender(database, town, keys)
    async with database.begin(town.olga) as tx:
        before = await tenders.tender(tx, tender_id)
        await tenders.propose_extension(tx, tender_id, before.deadline + MONTH, REASON)
    assert await refused(database, town.otto, lambda tx: tenders.decline_extension(tx, tender_id)) == "not-permitted"
    async with database.begin(town.pia) as tx:
        await tenders.decline_extension(tx, tender_id)
        assert await tenders.tender(tx, tender_id) == before
    assert await refused(database, town.pia, lambda tx: tenders.decline_extension(tx, tender_id)) == "no-extension"
    assert (
        await refused(database, town.pia, lambda tx: tenders.approve_extension(tx, keys, tender_id)) == "no-extension"
    )


async def test_a_deadline_is_never_shortened_and_never_revived(
    database: Database, town: Town, keys: Keys, advance: Advance
) -> None:
    tender_id = await open_tender(database, town, keys)
    async with database.begin(town.olga) as tx:
        deadline = (await tenders.tender(tx, tender_id)).deadline

    def propose(moment: timedelta) -> Callable[[Tx], Awaitable[None]]:
        return lambda tx: tenders.propose_extension(tx, tender_id, deadline + moment, REASON)

    assert await refused(database, town.olga, propose(timedelta(0))) == "deadline-shortened"
    assert await refused(database, town.olga, propose(-timedelta(days=1))) == "deadline-shortened"
    async with database.begin(town.olga) as tx:
        await tenders.propose_extension(tx, tender_id, deadline + MONTH, REASON)
    await advance(MONTH + timedelta(minutes=1))
    assert (
        await refused(database, town.pia, lambda tx: tenders.approve_extension(tx, keys, tender_id))
        == "tender-not-open"
    )


async def test_the_latch_is_set_after_the_deadline_and_once(database: Database, town: Town, advance: Advance) -> None:
    tender_id = await open_tender(database, town)
    async with database.begin(town.olga) as tx:
        assert await tenders.due(tx) == []
    assert await refused(database, town.olga, lambda tx: tenders.latch(tx, tender_id)) == "not-due"
    await advance(MONTH)
    async with database.begin(town.olga) as tx:
        assert await tenders.due(tx) == [tender_id]
        assert (await tenders.tender(tx, tender_id)).phase(tx.now) is Phase.CLOSED  # whether or not anything has run
        await tenders.lock_exclusive(tx, tender_id)
        await tenders.latch(tx, tender_id)
        assert await tenders.due(tx) == []
    assert await refused(database, town.olga, lambda tx: tenders.latch(tx, tender_id)) == "not-due"


async def test_a_cancellation_has_a_reason_and_is_the_end(database: Database, town: Town) -> None:
    tender_id = await open_tender(database, town)
    assert await refused(database, town.olga, lambda tx: tenders.cancel(tx, tender_id, "")) == "form-invalid"
    assert await refused(database, town.rosa, lambda tx: tenders.cancel(tx, tender_id, REASON)) == "not-permitted"
    async with database.begin(town.olga) as tx:
        await tenders.cancel(tx, tender_id, "The bridge was closed for good.")
    async with database.begin(NOBODY) as tx:
        cancelled = await tenders.public_tender(tx, tender_id)
        assert (cancelled.phase(tx.now), cancelled.cancel_reason) == ("cancelled", "The bridge was closed for good.")
    assert await refused(database, town.olga, lambda tx: tenders.cancel(tx, tender_id, REASON)) == "already-cancelled"
    assert (await recorded(database, town))[-1] == "TenderCancelled"


async def test_whoever_changes_a_tender_waits_for_a_submission_in_flight(
    database: Database, town: Town, owner: asyncpg.Connection
) -> None:
    tender_id = await open_tender(database, town)

    async def cancel() -> None:
        async with database.begin(town.olga) as tx:
            await tenders.cancel(tx, tender_id, REASON)

    async with database.begin(town.ines) as submitting:
        await tenders.lock_shared(submitting, tender_id)
        cancelling = asyncio.create_task(cancel())
        assert await is_held_up(cancelling, owner)
    await cancelling


async def test_a_draft_is_left_not_cancelled_and_a_settled_tender_stays(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        draft = await complete_draft(tx)
    assert await refused(database, town.olga, lambda tx: tenders.cancel(tx, draft, REASON)) == "tender-not-public"
    tender_id = await open_tender(database, town)
    async with database.begin(town.olga) as tx:
        await tenders.settle(tx, tender_id)
    assert await refused(database, town.olga, lambda tx: tenders.cancel(tx, tender_id, REASON)) == "tender-settled"


async def test_the_buyers_list_comes_in_pages(database: Database, town: Town) -> None:
    async with database.begin(town.olga) as tx:
        made = [await complete_draft(tx) for _ in range(3)]
        first = await tenders.of_buyer(tx, town.city, limit=2)
        rest = await tenders.of_buyer(tx, town.city, before=first[-1].id, limit=2)
    assert [one.id for one in first + rest] == made[::-1]
    async with database.begin(NOBODY) as tx:
        assert await tenders.published(tx, made) == {}


async def test_extensions_and_closing_wait_for_whoever_holds_the_tender(database: Database, town: Town) -> None:
    tender_id = await open_tender(database, town)
    async with database.begin(town.olga) as first, database.begin(town.otto) as second:
        await tenders.lock_shared(first, tender_id)
        await tenders.lock_shared(second, tender_id)
        held = text("SELECT pg_try_advisory_xact_lock(hashtextextended('tender:' || :id, 0))")
        assert await second.session.scalar(held, {"id": tender_id}) is False
