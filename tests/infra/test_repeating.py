"""Public records in entries that are not open are repeated in open ones, once."""

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from procurement import worker
from procurement.infra import db, mode
from procurement.infra.ledger import proofs, repeating
from procurement.infra.ledger import sequencer as sequencing
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.facts import CoverRecorded, KeyPublished, SandboxClockMoved
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.ledger.service import Entry
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.entry import entry_hash, is_open
from procurement.kernel.fact import Fact
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
KEY = SignerKey("test.example/record", bytes(32))
TYPES = {"KeyPublished"}


class Mixed:
    """A log into which an older release and this one write."""

    def __init__(self, database: Database, sequencer: Sequencer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database, self.sequencer, self.monkeypatch = database, sequencer, monkeypatch

    async def write(self, *facts: Fact, process: str = "", old: bool = False) -> None:
        """`old`: placed by a worker of the older release, which knew no open entries."""
        async with self.database.begin(system("test")) as tx:
            for fact in facts:
                await tx.record(fact, process=process)
        with self.monkeypatch.context() as older:
            if old:
                older.setattr(sequencing, "entry_for", lambda salt, body, at_once: entry_hash(salt, body))
            await self.sequencer.run_once()

    async def repeat(self) -> int:
        count = await repeating.repeat(self.database, TYPES)
        assert count is not None
        await self.sequencer.run_once()
        return count

    async def entries(self) -> list[Entry]:
        async with self.database.begin(NOBODY) as tx:
            return await ledger.entries(tx.session, 0, 500)


@pytest.fixture
async def log(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    ordering = db.engine(settings.sequencer_database_url, pool=2)
    yield Mixed(database, Sequencer(async_sessionmaker(ordering, expire_on_commit=False), KEY), monkeypatch)
    await ordering.dispose()


def key(number: int) -> KeyPublished:
    return KeyPublished(purpose="checkpoints", verifier=str(number))


def moved(number: int) -> SandboxClockMoved:
    return SandboxClockMoved(seconds=number)


def marks(entries: list[Entry]) -> str:
    """For each entry whether it is open (o), hidden and readable (r), or hidden (h)."""
    return "".join("o" if is_open(bytes.fromhex(one.entry)) else "r" if one.record else "h" for one in entries)


def repeated(entry: Entry) -> list[str]:
    """The records in a RecordsRepeated."""
    said = msgspec.json.decode(entry.record)
    assert said["type"] == "RecordsRepeated"
    return [one["record"] for one in said["fact"]["records"]]


async def test_entries_are_open_where_everybody_may_read_at_once_and_stay_as_they_were_made(log: Mixed) -> None:
    await log.write(key(1), CoverRecorded(), old=True)
    before = await log.entries()
    await log.write(key(2), CoverRecorded())
    after = await log.entries()
    assert marks(after) == "rhoh" and after[:2] == before
    async with log.database.begin(NOBODY) as tx:
        assert await proofs.recompute(tx.session) == 4


async def test_of_what_was_there_before_only_what_somebody_relies_on_is_repeated_and_once(log: Mixed) -> None:
    await log.write(key(1), moved(1), CoverRecorded(), old=True)
    await log.write(key(2), process="ocds-1", old=True)
    assert (await log.repeat(), await log.repeat()) == (2, 0)
    entries = await log.entries()
    assert marks(entries) == "rrhroo", "one for each procurement"
    assert [repeated(one) for one in entries[4:]] == [[entries[0].record], [entries[3].record]]
    async with log.database.begin(NOBODY) as tx:
        assert [one.index for one in await ledger.of_process(tx.session, "ocds-1")] == [3, 5]


async def test_whatever_an_older_worker_places_after_the_first_open_entry_is_repeated(log: Mixed) -> None:
    await log.write(moved(1), old=True)
    await log.write(key(1))
    await log.write(moved(2), CoverRecorded(), old=True)
    assert (await log.repeat(), await log.repeat()) == (1, 0)
    entries = await log.entries()
    assert marks(entries) == "rorho" and repeated(entries[4]) == [entries[2].record]


async def test_many_are_repeated_some_at_a_time(log: Mixed) -> None:
    await log.write(*(key(number) for number in range(repeating.PAGE + 5)), old=True)
    assert await log.repeat() == repeating.PAGE + 5
    last = (await log.entries())[-2:]
    assert [len(repeated(one)) for one in last] == [repeating.PAGE, 5]


async def test_where_no_changes_are_taken_it_is_done_as_soon_as_they_are(
    log: Mixed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then bidders' programs refuse what was published before, so nobody may wait for the next day."""
    monkeypatch.setattr(worker, "SWEEP", 0.02)
    await log.write(key(1), old=True)
    async with log.database.begin(system("installation")) as tx:
        await mode.switch_on(tx, "The release is changed", None)
    waiting = asyncio.create_task(worker._repeat(log.database))
    await asyncio.sleep(0.1)
    async with log.database.begin(system("installation")) as tx:
        await mode.switch_off(tx)
    await asyncio.wait_for(waiting, 5)
    await log.sequencer.run_once()
    assert repeated((await log.entries())[-1]) == [(await log.entries())[0].record]


async def test_what_failed_is_tried_again_soon_however_seldom_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SWEEP", 0.02)
    done, tries = asyncio.Event(), list[int]()

    async def twice_in_vain() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError
        done.set()

    forever = asyncio.create_task(worker._forever(repeating.PAUSE, twice_in_vain))
    await asyncio.wait_for(done.wait(), 5)
    forever.cancel()


async def test_an_entry_is_of_one_of_two_kinds(log: Mixed, settings: Settings) -> None:
    """The database takes no third one, not even from the sequencer."""
    await log.write(key(1))
    ordering = db.engine(settings.sequencer_database_url, pool=1)
    for entry in ("01", "02" * 33, "01" * 34):
        async with ordering.begin() as connection:
            with pytest.raises(Exception, match="ledger_leaf_entry_hidden_or_open"):
                await connection.execute(
                    text("INSERT INTO ledger_leaf SELECT 7, record_id, decode(:entry, 'hex') FROM ledger_leaf"),
                    {"entry": entry},
                )
            await connection.rollback()
    await ordering.dispose()
