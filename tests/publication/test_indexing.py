"""The index beside the database: filled by whoever holds the lock, made anew without a gap, whole again after anything.

Each test has indexes of its own in a real Meilisearch.
"""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from indexes import Indexes
from sqlalchemy import text
from tendering import SETUP

from procurement.infra.freshness import PUBLISHED, versions
from procurement.infra.search import Collection
from procurement.infra.search.filling import EngineFailed
from procurement.infra.tx import Database
from procurement.publication.rules.notice import Notice
from procurement.publication.search import PostgresSearch, indexed, waiting
from procurement.publication.search.consumer import Consumer
from procurement.publication.search.sources import SOURCES

pytestmark = pytest.mark.anyio

NOTICES = Collection.NOTICES


def notice(number: int, title: str = "") -> Notice:
    return Notice(
        id=f"2026-{number:04}", source="", ocid=f"ocds-xmarrow-2026-{number:04}", title=title or f"Bridge {number}",
        summary="", kind="works", buyer_id="city", buyer="City of Marrow", supplier_ids=(), suppliers=(),
        categories=(), value=None, outcome="", published_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number),
        deadline=None, awarded_at=None, award=None, bids=None, text="Over the river Sill",
    )  # fmt: skip


async def publish(database: Database, notices: Iterable[Notice]) -> None:
    async with database.begin(SETUP) as tx:
        await PostgresSearch().index(tx, list(notices))


async def withdraw(database: Database, *ids: str) -> None:
    async with database.begin(SETUP) as tx:
        await PostgresSearch().remove(tx, list(ids))


async def wait(database: Database) -> int:
    async with database.begin(SETUP) as tx:
        return (await indexed.lag(tx))[0]


async def in_the_database(database: Database) -> dict[str, dict[str, Any]]:
    """The documents as they should be, by id."""
    async with database.begin(SETUP) as tx:
        return await SOURCES[NOTICES].documents(tx, await SOURCES[NOTICES].after(tx, "", 10_000))


async def agree(database: Database, indexes: Indexes) -> bool:
    return indexes.documents(NOTICES) == await in_the_database(database)


async def test_what_is_written_and_removed_is_told_with_the_next_sweep(database: Database, indexes: Indexes) -> None:
    consumer = Consumer(indexes.settings)
    await publish(database, map(notice, range(3)))
    await consumer.sweep(database)
    assert await agree(database, indexes) and len(indexes.documents(NOTICES)) == 3
    async with database.begin(SETUP) as tx:
        before = (await versions(tx.session, [PUBLISHED]))[PUBLISHED]
    await publish(database, [notice(1, "Bridge of sighs")])
    await withdraw(database, "2026-0002")
    assert await wait(database) == 2
    await consumer.sweep(database)
    assert await wait(database) == 0
    assert [one["title"] for one in indexes.documents(NOTICES).values()] == ["Bridge 0", "Bridge of sighs"]
    async with database.begin(SETUP) as tx:
        assert (await versions(tx.session, [PUBLISHED]))[PUBLISHED] > before + 1, "kept pages are made anew, after it"


async def test_telling_twice_changes_nothing_and_a_quiet_sweep_asks_for_nothing(
    database: Database, indexes: Indexes
) -> None:
    await publish(database, map(notice, range(3)))
    consumer = Consumer(indexes.settings)
    await consumer.sweep(database)
    first, tasks = indexes.documents(NOTICES), indexes.tasks()
    await consumer.sweep(database)
    await Consumer(indexes.settings).sweep(database)
    assert indexes.tasks() == tasks, "nothing waited"
    async with database.begin(SETUP) as tx:
        await waiting.mark(tx, NOTICES, [f"2026-{number:04}" for number in range(4)])
    await consumer.sweep(database)
    assert indexes.documents(NOTICES) == first
    assert indexes.tasks() > tasks


async def test_what_is_rolled_back_is_not_told(database: Database, indexes: Indexes) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.begin(SETUP) as tx:
            await PostgresSearch().index(tx, [notice(1)])
            raise ZeroDivisionError
    assert await wait(database) == 0


async def test_a_change_while_the_one_before_is_told_is_told_too(database: Database, indexes: Indexes) -> None:
    """Two transactions with the same document: the second commits after the first was read, before it is forgotten."""
    consumer = Consumer(indexes.settings)
    await consumer.sweep(database)
    await publish(database, [notice(1, "Bridge as first announced")])
    assert consumer.filler is not None
    settle = consumer.filler.filling.settle

    async def settled_late(tasks: Iterable[int]) -> None:
        consumer.filler.filling.settle = settle  # type: ignore[method-assign,union-attr]  # once
        await publish(database, [notice(1, "Bridge as corrected")])
        await settle(tasks)

    consumer.filler.filling.settle = settled_late  # type: ignore[method-assign]  # the moment between two commits
    async with consumer.filler.alone():
        await consumer.filler.tell()
    assert indexes.documents(NOTICES)["2026-0001"]["title"] == "Bridge as first announced"
    assert await wait(database) == 1
    await consumer.sweep(database)
    assert indexes.documents(NOTICES)["2026-0001"]["title"] == "Bridge as corrected"
    assert await wait(database) == 0


async def test_an_open_transaction_that_marks_the_same_holds_nobody_up(database: Database, indexes: Indexes) -> None:
    consumer = Consumer(indexes.settings)
    await publish(database, [notice(1)])
    async with database.begin(SETUP) as tx:
        await waiting.mark(tx, NOTICES, ["2026-0001"])
        await tx.session.execute(text("UPDATE notice SET title = 'Bridge of tomorrow'"))
        await asyncio.wait_for(consumer.sweep(database), 5)
        assert indexes.documents(NOTICES)["2026-0001"]["title"] == "Bridge 1"
    await consumer.sweep(database)
    assert indexes.documents(NOTICES)["2026-0001"]["title"] == "Bridge of tomorrow"


async def test_only_one_tells_at_a_time(database: Database, indexes: Indexes) -> None:
    first, second = Consumer(indexes.settings), Consumer(indexes.settings)
    await first.sweep(database)
    assert first.filler is not None
    await publish(database, [notice(1)])
    async with first.filler.alone() as mine:
        assert mine
        await second.sweep(database)
        assert indexes.documents(NOTICES) == {}, "the second one left it to the first"
    await second.sweep(database)
    assert await agree(database, indexes)


async def test_who_loses_the_lock_after_pushing_tells_again(
    database: Database, indexes: Indexes, owner: asyncpg.Connection
) -> None:
    consumer = Consumer(indexes.settings)
    await consumer.sweep(database)
    await publish(database, [notice(1)])
    assert consumer.filler is not None
    with pytest.raises(Exception, match=r"closed|terminat"):
        async with consumer.filler.alone():
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            await consumer.filler.tell()
    assert await wait(database) == 1, "it was pushed, and is not forgotten"
    await consumer.sweep(database)
    assert await wait(database) == 0
    assert await agree(database, indexes)


async def test_the_position_is_that_of_the_log_when_nothing_waited(
    database: Database, indexes: Indexes, owner: asyncpg.Connection
) -> None:
    await Consumer(indexes.settings).sweep(database)
    await owner.execute("UPDATE search_index SET position = -2")
    await owner.execute("INSERT INTO outbox (topic, payload, due_at, attempts, problem) "
                        "VALUES ('publication.publish_tender', '{}', now(), 0, '')")  # fmt: skip
    await Consumer(indexes.settings).sweep(database)
    assert await owner.fetchval("SELECT max(position) FROM search_index") == -2, "a publication is still to come"
    await owner.execute("UPDATE outbox SET done_at = now()")
    await Consumer(indexes.settings).sweep(database)
    assert await owner.fetchval("SELECT min(position) FROM search_index") == -1


async def test_without_an_engine_nothing_is_kept_for_one(
    database: Database, indexes: Indexes, owner: asyncpg.Connection
) -> None:
    await publish(database, [notice(1)])
    await Consumer(indexes.settings).sweep(database)
    await publish(database, [notice(2)])
    await Consumer(indexes.without).sweep(database)
    assert await wait(database) == 0
    assert await owner.fetchval("SELECT count(*) FROM search_index") == 0, "one that comes back begins anew"


async def test_killed_it_is_waited_for_and_told_everything(database: Database, own_indexes: Indexes) -> None:
    indexes, consumer = own_indexes, Consumer(own_indexes.settings)
    await publish(database, map(notice, range(5)))
    await consumer.sweep(database)
    indexes.server.kill()
    await publish(database, [notice(1, "Bridge in the dark"), notice(9)])
    await withdraw(database, "2026-0002")
    with pytest.raises(EngineFailed):
        await consumer.sweep(database)
    assert await wait(database) == 3
    indexes.server.start()
    await consumer.sweep(database)
    assert await wait(database) == 0
    assert await agree(database, indexes)
    indexes.server.forget()
    indexes.server.start()
    indexes.make_keys()
    consumer.looked_at = time.monotonic() - 60
    await consumer.sweep(database)
    assert await agree(database, indexes), "an engine that lost everything is filled again, with no change to tell"
