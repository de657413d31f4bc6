"""An index is made anew beside the one that answers: while all goes on, after a kill, and whenever it does not fit."""

import asyncio

import asyncpg
import pytest
from indexes import Indexes
from test_indexing import NOTICES, agree, notice, publish, wait, withdraw

from procurement.infra.search import Collection
from procurement.infra.tx import Database
from procurement.publication.search import reindex
from procurement.publication.search.consumer import Consumer

pytestmark = pytest.mark.anyio


async def test_the_index_is_made_anew_while_searching_and_writing_go_on(
    database: Database, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex, "BATCH", 25)
    await publish(database, map(notice, range(100)))
    consumer, built, seen = Consumer(indexes.settings), asyncio.Event(), list[int]()
    await consumer.sweep(database)

    async def write() -> None:
        number = 0
        while not built.is_set():
            await publish(database, [notice(number % 100, f"Bridge {number}, corrected"), notice(1000 + number)])
            await withdraw(database, f"2026-{1000 + number - 3:04}")
            number += 1
            await asyncio.sleep(0.01)

    async def search() -> None:
        while not built.is_set():
            seen.append(await asyncio.to_thread(indexes.search, NOTICES, "bridge"))
            await asyncio.sleep(0.01)

    others = asyncio.gather(write(), search())
    said: list[str] = []
    assert consumer.filler is not None
    async with consumer.filler.alone() as mine:
        assert mine
        await consumer.filler.look()
        await reindex.rebuild(consumer.filler, NOTICES, said.append)
    built.set()
    await others
    await consumer.sweep(database)
    assert await agree(database, indexes), "nothing is missing, nothing is stale"
    assert min(seen) >= 100, "no search met an empty or half-made index"
    assert indexes.names() == {f"{indexes.prefix}_{one}" for one in Collection}
    assert "documents in" in said[-1]


async def test_a_rebuild_that_is_broken_off_leaves_the_index_and_starts_over(
    database: Database, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex, "BATCH", 10)
    await publish(database, map(notice, range(60)))
    consumer = Consumer(indexes.settings)
    await consumer.sweep(database)
    assert consumer.filler is not None

    async def make_anew() -> None:
        assert consumer.filler is not None
        async with consumer.filler.alone():
            await consumer.filler.look()
            await reindex.rebuild(consumer.filler, NOTICES, lambda said: None)

    half = asyncio.create_task(make_anew())
    while not indexes.count(f"{indexes.prefix}_notices_new"):  # noqa: ASYNC110 (another process fills it)
        await asyncio.sleep(0.01)
    half.cancel()
    with pytest.raises(asyncio.CancelledError):
        await half
    assert await agree(database, indexes)
    await publish(database, [notice(1, "Bridge meanwhile")])
    await Consumer(indexes.settings).sweep(database)
    assert await agree(database, indexes), "the next process finds the index as it was, and goes on"
    await make_anew()
    assert await agree(database, indexes)
    assert f"{indexes.prefix}_notices_new" not in indexes.names()


async def test_other_settings_make_it_anew_at_the_start_of_the_program_that_has_them(
    database: Database, indexes: Indexes, owner: asyncpg.Connection
) -> None:
    await publish(database, [notice(1)])
    consumer = Consumer(indexes.settings)
    await consumer.sweep(database)
    await owner.execute("UPDATE search_index SET settings = 'of another release' WHERE collection = 'notices'")
    await publish(database, [notice(2)])
    await consumer.sweep(database)
    assert await wait(database) == 1, "the worker of the release before leaves it to the newer one"
    await Consumer(indexes.settings).sweep(database)
    assert (
        await owner.fetchval("SELECT settings FROM search_index WHERE collection = 'notices'") != "of another release"
    )
    assert await wait(database) == 0
    assert await agree(database, indexes)


async def test_a_restored_database_gets_an_index_of_its_own(
    database: Database, indexes: Indexes, owner: asyncpg.Connection
) -> None:
    """What a backup holds of the index is older than the index itself; the notices since are no longer there."""
    consumer = Consumer(indexes.settings)
    await publish(database, [notice(1)])
    await consumer.sweep(database)
    kept = await owner.fetchrow("SELECT ticket, ticket_before FROM search_index WHERE collection = 'notices'")
    for number in (2, 3):
        await publish(database, [notice(number)])
        await consumer.sweep(database)
    await owner.execute("DELETE FROM notice WHERE id <> '2026-0001'")
    restored = "UPDATE search_index SET ticket = $1, ticket_before = $2 WHERE collection = 'notices'"
    await owner.execute(restored, *kept)
    await Consumer(indexes.settings).sweep(database)
    assert list(indexes.documents(NOTICES)) == ["2026-0001"]
