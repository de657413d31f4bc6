"""The feed of changes: in order, without gaps, cheap for whoever waits, and silent about what is hidden."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import asyncpg
import httpx
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import async_sessionmaker

from procurement.infra import db
from procurement.infra.ledger import feed, watch
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.feed import Page, Wanted
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.ledger.watch import Watch
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


class FerrySailed(Fact, frozen=True, kw_only=True):
    name: str


class FareWhispered(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_OPENING
    price: int


@pytest.fixture
async def sequencer(settings: Settings) -> AsyncIterator[Sequencer]:
    ordering = db.engine(settings.sequencer_database_url, pool=2)
    yield Sequencer(async_sessionmaker(ordering, expire_on_commit=False), SignerKey("test.example/record", bytes(32)))
    await ordering.dispose()


async def record(database: Database, *facts: Fact, process: str = "ocds-1") -> list[int]:
    async with database.begin(system("test")) as tx:
        return [await tx.record(fact, process=process) for fact in facts]


async def read(database: Database, after: int = -1, limit: int = 100, **wanted: Any) -> Page:
    async with database.sessions() as session:
        return await feed.page(session, after, limit, Wanted(**wanted))


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", keep)
    yield seen
    event.remove(database.engine.sync_engine, "before_cursor_execute", keep)


async def test_pages_follow_each_other_without_a_gap(database: Database, sequencer: Sequencer) -> None:
    await record(database, *(FerrySailed(name=f"{i}") for i in range(7)))
    assert await read(database) == Page([], -1, -1), "what is not placed yet has no index"
    await sequencer.run_once()
    indices, after = [], -1
    while (found := await read(database, after, limit=3)).changes:
        indices += [change.index for change in found.changes]
        after = found.next
        assert found.head == 6
    assert indices == list(range(7)) and after == 6
    assert [change.fact["name"] for change in (await read(database)).changes] == [f"{i}" for i in range(7)]


async def test_the_order_is_that_of_the_log_not_of_the_ids(database: Database, sequencer: Sequencer) -> None:
    async with database.begin(system("test")) as slow:
        await slow.record(FerrySailed(name="drew the lower id"))
        await record(database, FerrySailed(name="came first"))
        await sequencer.run_once()
        assert [change.fact["name"] for change in (await read(database)).changes] == ["came first"]
    await sequencer.run_once()
    assert [change.fact["name"] for change in (await read(database, 0)).changes] == ["drew the lower id"]


async def test_a_hidden_record_shows_its_place_and_no_filter_finds_it(database: Database, sequencer: Sequencer) -> None:
    await record(database, FerrySailed(name="a"), FareWhispered(price=7), FerrySailed(name="b"))
    await sequencer.run_once()
    assert (await read(database)).changes[1] == feed.Change(1, hidden=True)
    for wanted in ({"process": "ocds-1"}, {"types": {"FareWhispered", "FerrySailed"}}):
        assert [change.index for change in (await read(database, **wanted)).changes] == [0, 2]
    assert await read(database, types={"FareWhispered"}) == Page([], 2, 2)
    assert await read(database, process="ocds-2") == Page([], 2, 2), "it is taken past what it did not ask for"


async def test_a_follower_learns_what_is_disclosed_also_by_type(database: Database, sequencer: Sequencer) -> None:
    hidden = await record(database, FareWhispered(price=7), FareWhispered(price=8))
    await sequencer.run_once()
    seen = (await read(database)).next
    async with database.begin(system("opening")) as tx:
        await ledger.disclose(tx, hidden, "ocds-1")
    await sequencer.run_once()
    for wanted in ({}, {"types": {"FareWhispered"}}, {"process": "ocds-1"}):
        (told,) = (await read(database, seen, **wanted)).changes
        assert told.type == "RecordsDisclosed"
        assert ['"price":7' in one["record"] for one in told.fact["records"]] == [True, False]
    assert (await read(database, seen, types={"FerrySailed"})).changes == []


async def test_a_position_of_another_log_is_refused(database: Database, sequencer: Sequencer) -> None:
    await record(database, FerrySailed(name="a"))
    await sequencer.run_once()
    with pytest.raises(Refused, match="restored") as no:
        await read(database, 1)
    assert no.value.code == "position-ahead"


OPENED = {"BridgeOpened"}


async def fill(owner: asyncpg.Connection, many: int, rare: Sequence[int] = ()) -> None:
    """A log of `many` public entries about three hundred procurements, without a sequencer; at the `rare` indexes of
    another type."""
    body = (
        '{"type": "!", "at": "2027-01-01T00:00:00Z", "process": "ocds-?", "actor": "system:test", '
        '"organisation": "", "fact": {}}'
    )
    await owner.execute(
        "INSERT INTO ledger_record (at, type, process, organisation, actor, visible, body, salt) "
        "SELECT now(), type, 'ocds-' || i % 300, '', '', 'at-once', "
        "convert_to(replace(replace($1, '?', (i % 300)::text), '!', type), 'utf8'), decode(repeat('00', 32), 'hex') "
        "FROM generate_series(1, $2::int) AS i, "
        "LATERAL (SELECT CASE WHEN i - 1 = ANY($3) THEN 'BridgeOpened' ELSE 'FerrySailed' END AS type) AS of",
        body,
        many,
        list(rare),
    )
    await owner.execute("INSERT INTO ledger_leaf SELECT id - 1, id, sha256(body) FROM ledger_record")
    await owner.execute("ANALYZE ledger_record, ledger_leaf")


async def scans(database: Database) -> int:
    """How often a table of the log was read from end to end, as PostgreSQL counts."""
    async with database.sessions() as session:
        await session.execute(text("SELECT pg_stat_force_next_flush()"))
    async with database.sessions() as session:
        counted = "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname IN ('ledger_record', 'ledger_leaf')"
        return int(await session.scalar(text(counted)) or 0)


@pytest.mark.parametrize("wanted", [{}, {"types": {"FerrySailed"}}, {"process": "ocds-77"}], ids=str)
async def test_a_page_costs_two_queries_by_index_wherever_it_begins(
    database: Database, owner: asyncpg.Connection, wanted: dict[str, Any]
) -> None:
    await fill(owner, 40_000)
    before = await scans(database)
    for after in (-1, 35_000):
        with counting(database) as seen:
            found = await read(database, after, **wanted)
        assert found.changes and len(seen) == 2, seen
        assert found.changes[-1].index <= found.next <= after + feed.SCANNED
    assert await scans(database) == before


async def test_a_few_records_among_many_are_found_at_once(database: Database, owner: asyncpg.Connection) -> None:
    """Bidders' browsers look for the keyholder's key so, each time that somebody begins to seal."""
    await fill(owner, 40_000, rare := [8, 16_999, 38_999])
    before = await scans(database)
    with counting(database) as seen:
        found = await read(database, types=OPENED)
    assert found.next == found.head == 39_999 and len(found.changes) == 3
    assert len(seen) == 4 and await scans(database) == before
    assert [one.index for one in (await read(database, 20_000, types=OPENED)).changes] == rare[2:]
    one = await read(database, limit=1, types=OPENED)
    assert (len(one.changes), one.next) == (1, 8), "whoever reads a page reads on from there"


async def test_of_a_few_that_may_be_disclosed_later_every_entry_is_looked_at(
    database: Database, sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SCANNED", 3)
    await record(database, *(FerrySailed(name=str(number)) for number in range(5)), FareWhispered(price=7))
    await sequencer.run_once()
    assert (await read(database, types={"FareWhispered"})).next == 2, "its disclosure may stand anywhere"
    assert (await read(database, types=OPENED)).next == 5, "of what is not there nothing can be disclosed"


async def test_many_who_wait_cost_one_query_at_a_time_and_hold_no_connection(
    database: Database, sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PAUSE", 0.05)
    await record(database, FerrySailed(name="before"))
    await sequencer.run_once()
    one = Watch(database.sessions)

    async def wait(wanted: Wanted) -> Page:
        with one.place("somebody"):
            return await one.following(0, 10, wanted, 5)

    ferries, others = Wanted(frozenset({"FerrySailed"})), Wanted(frozenset({"BridgeOpened"}))
    waiting = [asyncio.create_task(wait(ferries)) for _ in range(100)]
    in_vain = asyncio.create_task(wait(others))
    with counting(database) as seen:
        for _ in range(20):
            await asyncio.sleep(0.02)
            assert database.engine.pool.checkedout() <= 1  # type: ignore[attr-defined]  # of a queue pool
        assert 1 <= len(seen) <= 10
    await record(database, FerrySailed(name="after"))
    await sequencer.run_once()
    with counting(database) as seen:
        found = await asyncio.gather(*waiting)
        assert len(seen) <= 3, "news are read once for all"
    assert {(page.changes[0].fact["name"], page.next) for page in found} == {("after", 1)}
    one.end()
    assert await in_vain == Page([], 1, 1), "whom the news did not concern is past them all the same"
    await one.close()
    assert one.waiting == 0


async def test_whoever_waits_goes_on_waiting_while_the_database_is_away(
    database: Database, sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PAUSE", 0.05)
    one, whole = Watch(database.sessions), feed.changes

    async def away(*_: Any) -> list[feed.Change]:
        raise OSError("no database")

    with one.place("somebody"):
        waiting = asyncio.create_task(one.following(-1, 10, Wanted(), 5))
        await asyncio.sleep(0.1)
        monkeypatch.setattr(feed, "changes", away)
        await record(database, FerrySailed(name="meanwhile"))
        await sequencer.run_once()
        await asyncio.sleep(0.2)
        assert not waiting.done()
        monkeypatch.setattr(feed, "changes", whole)
        assert [change.fact["name"] for change in (await waiting).changes] == ["meanwhile"]
    await one.close()


async def test_a_program_asks_for_what_came_after(
    client: httpx.AsyncClient, database: Database, sequencer: Sequencer
) -> None:
    await record(database, FerrySailed(name="a"), FareWhispered(price=7))
    await sequencer.run_once()
    answer = (await client.get("/api/v1/feed")).json()
    first, blank = answer["changes"]
    assert (first["index"], first["type"], first["process"], first["fact"]) == (
        0,
        "FerrySailed",
        "ocds-1",
        {"name": "a"},
    )
    assert blank == {"index": 1, "at": None, "type": "", "process": "", "organisation": "", "fact": {}, "hidden": True}
    assert (answer["next"], answer["head"]) == (1, 1)
    waiting = asyncio.create_task(client.get("/api/v1/feed", params={"after": 1, "wait": 20, "type": "FerrySailed"}))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await record(database, FerrySailed(name="b"))
    await sequencer.run_once()
    assert [one["fact"]["name"] for one in (await asyncio.wait_for(waiting, 15)).json()["changes"]] == ["b"]
    assert (await client.get("/api/v1/feed?after=2&wait=0.1")).json() == {"changes": [], "next": 2, "head": 2}
    ahead = await client.get("/api/v1/feed?after=99")
    assert (ahead.status_code, ahead.json()["type"]) == (409, "/problems/position-ahead")


async def test_no_more_may_wait_than_there_is_room_for() -> None:
    one = Watch(None, readers=3, of_one=2)  # type: ignore[arg-type]  # it never looks
    one.end()
    with one.place("a"), one.place("a"):
        with pytest.raises(Refused) as no:
            one.must_have_room("a")
        assert (no.value.status, no.value.code) == (429, "too-many")
        with one.place("b"):
            with pytest.raises(Refused) as no:
                one.must_have_room("c")
            assert (no.value.status, no.value.code) == (503, "too-many-readers")
        one.must_have_room("c")
    assert one.waiting == 0
