"""Bids that come too late at the same time are refused together, each as if it were alone; so are those who ask again
answered. An extension that was under way wins."""

import asyncio
import re
from datetime import datetime
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
from bidding import OPEN_FOR, TENDER, Market
from handing_in import OTHER, Bidders, at_once, codes, counted, publish_other
from locks import is_held_up
from sqlalchemy import text

from procurement.app import Parts
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio

MANY = 8
RECORDED = "SELECT at, actor, process, organisation, body FROM ledger_record WHERE type = 'LateBidRefused' ORDER BY id"
SAID = re.compile(r"It arrived at (.+) UTC; the deadline was (.+) UTC\. Nobody can make an exception\.")


@pytest.fixture
def bidders(client: httpx.AsyncClient, database: Database, files: Files, market: Market) -> Bidders:
    return Bidders(client, database, files, market)


def said(answer: httpx.Response) -> tuple[datetime, datetime]:
    """When it arrived and when the deadline was, as the bidder is told."""
    found = SAID.fullmatch(answer.json()["detail"])
    assert found
    arrived, deadline = (datetime.fromisoformat(f"{moment}+00:00") for moment in found.groups())
    return arrived, deadline


async def test_late_bids_share_a_transaction_and_each_is_told_and_recorded_as_if_it_were_alone(
    bidders: Bidders, parts: Parts, owner: asyncpg.Connection, keyholder: Path, advance: object
) -> None:
    await publish_other(owner)
    several, open_still = await bidders.several(2 * MANY), await bidders.several(2, OTHER)
    deadline = await owner.fetchval("SELECT deadline FROM tender WHERE id = $1", TENDER)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    with counted(parts.database.engine) as seen:
        answers = await at_once([*several[:MANY], *open_still, *several[MANY:]])
    await parts.latching.close()
    assert codes(answers) == [*["bid-late"] * MANY, *["received"] * 2, *["bid-late"] * MANY]
    assert seen["all"] < 12 * 2 * MANY  # one by one each takes thirty
    late = [*answers[:MANY], *answers[MANY + 2 :]]
    assert {one.headers["content-type"] for one in late} == {"application/problem+json"}
    rows = {row["actor"]: row for row in await owner.fetch(RECORDED)}
    for bidder, answer in zip(several, late, strict=True):
        row, (arrived, told) = rows.pop(f"person:{bidder.actor.person}"), said(answer)
        fact = msgspec.json.decode(row["body"])["fact"]
        assert (fact["tender"], fact["supplier"]) == (TENDER, bidder.actor.organisation)
        assert datetime.fromisoformat(fact["attempted_at"]) == arrived >= deadline
        assert datetime.fromisoformat(fact["deadline"]) == told == deadline
        assert (row["process"], row["organisation"]) == (f"ocds-test-{TENDER}", "")
    assert not rows
    assert await owner.fetchval("SELECT closed_at FROM tender WHERE id = $1", TENDER), "and it set off the closing"


async def test_who_asks_again_is_answered_among_those_who_are_late(
    bidders: Bidders, parts: Parts, owner: asyncpg.Connection, advance: object
) -> None:
    received, late = await bidders.several(MANY), await bidders.several(2)
    first = await at_once(received)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    with counted(parts.database.engine) as seen:
        again = await at_once([late[0], *received, late[1]])
    await parts.latching.close()
    assert codes(again) == ["bid-late", *["received"] * MANY, "bid-late"]
    assert [one.text for one in again[1:-1]] == [one.text for one in first]
    assert seen["INSERT INTO bid"] <= 4 and seen["all"] < 12 * MANY
    assert await owner.fetchval("SELECT count(*) FROM bid") == MANY
    assert len(await owner.fetch(RECORDED)) == 2


async def test_what_else_is_wrong_with_a_late_bid_is_told_as_ever_and_is_no_late_attempt(
    bidders: Bidders, owner: asyncpg.Connection, advance: object
) -> None:
    reused, *several = await bidders.several(3)
    assert codes([await reused.hand_in()]) == ["received"]
    amended, early = await bidders.bidder(revision="0" * 64), await bidders.bidder()
    early.bid.version = 2
    reused.bid.version = 2
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    answers = await at_once([several[0], amended, reused, early, several[1]])
    assert codes(answers) == ["bid-late", "revision-changed", "idempotency-key-reused", "version-taken", "bid-late"]
    assert len(await owner.fetch(RECORDED)) == 2


async def test_who_waits_for_an_extension_waits_together_and_is_in_time_by_the_new_deadline(
    bidders: Bidders, parts: Parts, database: Database, owner: asyncpg.Connection, advance: object
) -> None:
    await publish_other(owner)
    held_up, free = await bidders.several(MANY), await bidders.bidder(OTHER)
    await advance(OPEN_FOR)  # type: ignore[operator]  # the fixture is a function
    await owner.execute("ALTER TABLE tender DISABLE TRIGGER USER")
    with counted(parts.database.engine) as seen:
        async with database.begin(system("extending")) as tx:
            await tenders.lock_exclusive(tx, TENDER)
            later = text("UPDATE tender SET deadline = deadline + interval '1 hour', opening_at = opening_at + "
                         "interval '1 hour' WHERE id = :id")  # fmt: skip
            await tx.session.execute(later, {"id": TENDER})
            waiting = asyncio.create_task(at_once(held_up))
            assert await is_held_up(waiting, owner)
            assert codes([await free.hand_in()]) == ["received"], "nobody else waits"
        answers = await waiting
    assert codes(answers) == ["received"] * MANY
    assert seen["INSERT INTO bid"] <= 4, "together"
    assert not await owner.fetch(RECORDED), "by the deadline that was moved"
    applied = {one.json()["receipt"]["receipt"]["deadline_applied"] for one in answers}
    deadline = await owner.fetchval("SELECT deadline FROM tender WHERE id = $1", TENDER)
    assert {datetime.fromisoformat(one) for one in applied} == {deadline}
