"""Bids that programs hand in at the same time share a transaction, and nothing else: each stands by itself."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import httpx
import pytest
from bidding import OPEN_FOR, SETUP, TENDER, Market
from handing_in import (
    BACKENDS,
    OTHER,
    Bidder,
    Bidders,
    at_once,
    codes,
    counted,
    publish_other,
    stopped_at_insert,
    until_held_up,
)
from locks import is_held_up
from seated import seat

from procurement.app import Parts
from procurement.identity import service as identity
from procurement.identity.service import tokens
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.permissions import Role
from procurement.kernel.sealing.level import lock_for
from procurement.settings import Settings
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio

MANY = 8


@pytest.fixture
def bidders(client: httpx.AsyncClient, database: Database, files: Files, market: Market) -> Bidders:
    return Bidders(client, database, files, market)


@pytest.fixture
async def watcher(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the application's role, which may end others of its own."""
    connection = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


async def test_bids_to_two_tenders_share_one_transaction_and_each_has_its_own_record_and_receipt(
    bidders: Bidders, parts: Parts, owner: asyncpg.Connection
) -> None:
    await publish_other(owner)
    several = [*await bidders.several(MANY), *await bidders.several(MANY, OTHER)]
    with counted(parts.database.engine) as seen:
        answers = await at_once(several)
    assert codes(answers) == ["received"] * 2 * MANY
    assert seen["commit"] == seen["INSERT INTO bid"] <= 4  # the first alone, all that came meanwhile with each other
    assert seen["all"] < 8 * 2 * MANY  # one by one each takes seventeen
    for bidder, answer in zip(several, answers, strict=True):
        await _must_be_kept(owner, bidder, answer)


async def _must_be_kept(owner: asyncpg.Connection, bidder: Bidder, answer: httpx.Response) -> None:
    """The row, the record that the receipt names, and the receipt as it was given."""
    row = await owner.fetchrow(
        """SELECT bid.*, record.*, receipt.body AS receipt FROM bid JOIN bid_receipt AS receipt ON bid_id = bid.id
               JOIN ledger_record AS record ON record.id = record_id WHERE bid.id = $1""",
        answer.json()["bid"],
    )
    signed = answer.json()["receipt"]["receipt"]
    assert row["digest"] == signed["digest"] == hashlib.sha256(bidder.bid.envelope).hexdigest()
    assert (row["tender_id"], row["supplier_id"], row["version"]) == (bidder.tender, bidder.actor.organisation, 1)
    assert signed["record"] == hashlib.sha256(b"entry/v1" + row["salt"] + row["body"]).hexdigest()
    assert (row["actor"], row["organisation"]) == (f"person:{bidder.actor.person}", bidder.actor.organisation)
    assert (row["at"], row["process"]) == (row["received_at"], f"ocds-test-{bidder.tender}")
    kept = await bidder.client.get(f"/api/v1/receipts/{answer.json()['bid']}", headers=bidder.headers)
    assert (kept.content, kept.json()) == (row["receipt"], answer.json()["receipt"])


async def test_one_bad_bid_is_refused_as_ever_and_harms_no_other(bidders: Bidders, owner: asyncpg.Connection) -> None:
    several = await bidders.several(MANY)
    amended = await bidders.bidder(revision="0" * 64)
    early = await bidders.bidder()
    early.bid.version = 2
    unstored = await bidders.bidder()
    await owner.execute("ALTER TABLE bid_part DISABLE TRIGGER USER")
    await owner.execute("DELETE FROM bid_part WHERE supplier_id = $1", unstored.actor.organisation)
    among = [*several[:4], amended, early, unstored, *several[4:]]
    assert codes(await at_once(among)) == [
        *["received"] * 4, "revision-changed", "version-taken", "parts-missing", *["received"] * 4
    ]  # fmt: skip
    assert await owner.fetchval("SELECT count(*) FROM bid") == MANY


async def test_who_may_not_submit_is_refused_among_those_who_may(
    bidders: Bidders, database: Database, market: Market, owner: asyncpg.Connection
) -> None:
    """The state of the database counts in which they are received, not that of when the request came."""
    revoked, partial, removed, merged, *several = await bidders.several(MANY)
    async with database.begin(revoked.actor) as tx:
        await tokens.revoke_all(tx, revoked.actor.person)
    async with database.begin(SETUP) as tx:
        await identity.grant(tx, partial.actor.person, market.city, Role.EVALUATOR)
    await owner.execute("UPDATE membership SET until = now() WHERE person = $1", removed.actor.person)
    await owner.execute(
        "UPDATE organisation SET merged_into = $1, merged_at = now() WHERE id = $2",
        several[0].actor.organisation,
        merged.actor.organisation,
    )
    among = [several[1], revoked, several[2], partial, removed, merged, several[3]]
    assert codes(await at_once(among)) == [
        "received", "token-invalid", "received", "conflict-of-interest", "not-permitted", "organisation-merged",
        "received",
    ]  # fmt: skip
    assert await owner.fetchval("SELECT count(*) FROM bid") == 3


async def test_the_same_request_twice_among_others_gets_the_same_receipt(
    bidders: Bidders, owner: asyncpg.Connection
) -> None:
    twice, *several = await bidders.several(4)
    answers = await at_once([several[0], twice, several[1], twice, several[2], twice])
    assert codes(answers) == ["received"] * 6
    assert len({answers[place].text for place in (1, 3, 5)}) == 1
    assert await owner.fetchval("SELECT count(*) FROM bid") == 4
    again = await at_once([twice, several[0]])
    assert [answer.text for answer in again] == [answers[1].text, answers[0].text]


async def test_an_envelope_of_somebody_else_is_received_once(bidders: Bidders, owner: asyncpg.Connection) -> None:
    first, second, third = await bidders.several(3)
    await owner.execute(
        "INSERT INTO bid_part SELECT tender_id, $1, sha256, size FROM bid_part WHERE supplier_id = $2",
        third.actor.organisation,
        second.actor.organisation,
    )
    third.bid = second.bid
    assert sorted(codes(await at_once([first, second, third]))) == ["bid-misplaced", "received", "received"]
    assert await owner.fetchval("SELECT count(*) FROM bid") == 2


async def test_a_tender_with_a_double_lock_is_asked_for_its_holders_and_altered_ones_hold_up_no_other(
    bidders: Bidders, market: Market, owner: asyncpg.Connection
) -> None:
    await publish_other(owner)
    committee = await seat(owner, market, "S2")
    await owner.execute("ALTER TABLE tender DISABLE TRIGGER USER")
    await owner.execute("UPDATE tender SET seal_level = 'S2' WHERE id = $1", TENDER)
    lock = partial(lock_for, keyholder=market.recipient, roster=committee.roster)
    twice, single = await bidders.bidder(lock=lock), await bidders.bidder()
    other, late, another = await bidders.bidder(OTHER), await bidders.bidder(lock=lock), await bidders.bidder(OTHER)
    assert codes(await at_once([other, twice, single])) == ["received", "received", "seal-level-differs"]
    await owner.execute("ALTER TABLE roster_seat DISABLE TRIGGER USER")
    other_signature = "(SELECT signature FROM roster_seat WHERE place = 2)"
    await owner.execute(f"UPDATE roster_seat SET signature = {other_signature} WHERE place = 1")
    assert codes(await at_once([late, another])) == ["signature-wrong", "received"]


async def test_when_the_deadline_passes_before_the_insert_only_the_bids_to_that_tender_are_late(
    bidders: Bidders, owner: asyncpg.Connection, watcher: asyncpg.Connection, advance: object
) -> None:
    await publish_other(owner)
    several = [*await bidders.several(3), *await bidders.several(3, OTHER)]
    async with stopped_at_insert(owner):
        waiting = asyncio.create_task(at_once(several))
        await until_held_up(watcher)
        await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    assert codes(await waiting) == ["bid-late"] * 3 + ["received"] * 3
    late = "SELECT count(*) FROM ledger_record WHERE type = 'LateBidRefused'"
    assert (await owner.fetchval("SELECT count(*) FROM bid"), await owner.fetchval(late)) == (3, 3)


async def test_a_connection_that_is_cut_in_the_middle_loses_no_bid(
    bidders: Bidders, owner: asyncpg.Connection, watcher: asyncpg.Connection
) -> None:
    several = await bidders.several(MANY)
    async with stopped_at_insert(owner):
        waiting = asyncio.create_task(at_once(several))
        await until_held_up(watcher)
        await watcher.execute(BACKENDS)
    assert codes(await waiting) == ["received"] * MANY
    assert await owner.fetchval("SELECT count(*) FROM bid") == MANY
    assert await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'BidReceived'") == MANY


async def test_who_waits_for_a_tender_that_is_being_extended_holds_up_no_other_tender(
    bidders: Bidders, database: Database, owner: asyncpg.Connection
) -> None:
    await publish_other(owner)
    held_up, free = await bidders.bidder(), await bidders.bidder(OTHER)
    async with database.begin(system("extending")) as tx:
        await tenders.lock_exclusive(tx, TENDER)
        waiting = asyncio.create_task(held_up.hand_in())
        assert await is_held_up(waiting, owner)
        assert codes([await free.hand_in()]) == ["received"]
    assert codes([await waiting]) == ["received"]


async def test_what_is_asked_besides_is_answered_as_ever(bidders: Bidders, database: Database) -> None:
    bidder = await bidders.bidder()
    address = f"/api/v1/tenders/{TENDER}/bid"
    body = b'{"envelope":%s,"version":1}' % bidder.bid.envelope
    headers = {**bidder.headers, "content-type": "application/json", "idempotency-key": "key-1"}
    stale = await bidder.client.post(address, content=body, headers={**headers, "if-match": '"0"'})
    rehearsed = await bidder.client.post(f"{address}?dry_run=true", content=body, headers=headers)
    assert codes([stale, rehearsed]) == ["changed-meanwhile", "dry-run-impossible"]
    seen = await bidder.client.get(address, headers=bidder.headers)
    matched = await bidder.client.post(address, content=body, headers={**headers, "if-match": seen.headers["etag"]})
    assert codes([matched]) == ["received"]
