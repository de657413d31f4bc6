"""A submission that breaks anywhere has not happened (ASVS 5.0: 2.3.3)."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest
from bidding import SIGNER, TENDER, Market, SealedBid, seal, upload
from sqlalchemy import event

from procurement.bids import service
from procurement.infra.files import Files
from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio
LEFT = ("bid", "bid_withdrawal", "ledger_record", "outbox")


class Broken(Exception):
    """What the test breaks a transaction with."""


@contextmanager
def breaking(database: Database, after: int) -> Iterator[list[str]]:
    """Let every transaction break once it has made so many statements; gives those it made."""
    made: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        made.append(statement)
        if len(made) == after:
            raise Broken

    event.listen(database.engine.sync_engine, "after_cursor_execute", count)
    try:
        yield made
    finally:
        event.remove(database.engine.sync_engine, "after_cursor_execute", count)


async def submit(database: Database, market: Market, bid: SealedBid) -> service.Receipt:
    request = hashlib.sha256(bid.envelope).hexdigest()
    offered = service.Submission(tender=TENDER, envelope=bid.envelope, version=1, key="key", request=request)
    async with database.begin(market.harbour_signs) as tx:
        return await service.submit(tx, SIGNER, offered)


async def left(owner: asyncpg.Connection) -> list[int]:
    return [await owner.fetchval(f"SELECT count(*) FROM {table}") for table in LEFT]


async def test_whichever_statement_breaks_nothing_is_left_and_trying_again_succeeds(
    database: Database, files: Files, market: Market, owner: asyncpg.Connection
) -> None:
    bid = seal(market, market.harbour)
    await upload(database, files, market.harbour_signs, bid)
    before = await left(owner)
    broken = 0
    while True:
        with breaking(database, after=broken + 1) as made:
            try:
                receipt = await submit(database, market, bid)
                break
            except Broken:
                broken += 1
                assert len(made) == broken
        assert await left(owner) == before, f"after statement {broken}: {made[-1]}"
    assert broken > 8 and "INSERT INTO bid " in " ".join(made)
    assert await left(owner) == [before[0] + 1, before[1], before[2] + 1, before[3] + len(made_jobs(made))]
    assert await submit(database, market, bid) == receipt


def made_jobs(statements: list[str]) -> list[str]:
    """The statements that put work into the outbox by themselves; recording a fact does it within its own."""
    return [one for one in statements if one.startswith("INSERT INTO outbox")]
