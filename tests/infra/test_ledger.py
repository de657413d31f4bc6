"""The ledger: what is recorded is placed, signed, provable and final."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import ClassVar

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import async_sessionmaker

from procurement.infra import db
from procurement.infra.ledger import proofs
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.sequencer import Sequencer, TreeAltered
from procurement.infra.outbox import Handlers, Outbox, Recorded, handles
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database, Tx
from procurement.kernel import merkle
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.checkpoint import SignerKey, open_checkpoint
from procurement.kernel.entry import open_entry
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
KEY = SignerKey("test.example/record", bytes(32))


class BridgeOpened(Fact, frozen=True, kw_only=True):
    name: str


class PriceWhispered(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_OPENING
    price: int


@pytest.fixture
async def sequencer(settings: Settings) -> AsyncIterator[Sequencer]:
    ordering = db.engine(settings.sequencer_database_url, pool=2)
    yield Sequencer(async_sessionmaker(ordering, expire_on_commit=False), KEY)
    await ordering.dispose()


async def record(database: Database, *facts: Fact, process: str = "ocds-1") -> list[int]:
    async with database.begin(system("test")) as tx:
        return [await tx.record(fact, process=process) for fact in facts]


async def test_every_record_is_placed_once_in_order_and_signed(database: Database, sequencer: Sequencer) -> None:
    for batch in (3, 300, 1):
        await record(database, *(BridgeOpened(name=f"{batch}-{i}") for i in range(batch)))
        assert await sequencer.run_once() == batch
    assert await sequencer.run_once() == 0
    async with database.begin(NOBODY) as tx:
        entries = await ledger.entries(tx.session, 0, 1000)
        assert [e.index for e in entries] == list(range(304))
        newest = await ledger.latest_checkpoint(tx.session)
        assert newest and newest.note
        checkpoint = open_checkpoint(newest.note, KEY.verifier, KEY.verifier.name)
        leaves = [merkle.leaf_hash(bytes.fromhex(e.entry)) for e in entries]
        assert (checkpoint.size, checkpoint.root) == (304, merkle.root(leaves))
        for index in (0, 2, 3, 255, 256, 303):
            proof = await proofs.prove(tx.session, index)
            assert merkle.verify_inclusion(index, 304, leaves[index], proof.hashes(), checkpoint.root)


async def test_a_record_recomputes_to_its_entry(database: Database, sequencer: Sequencer) -> None:
    await record(database, BridgeOpened(name="Sill"))
    await sequencer.run_once()
    async with database.begin(NOBODY) as tx:
        (entry,) = await ledger.of_process(tx.session, "ocds-1")
    assert open_entry(bytes.fromhex(entry.salt), entry.record.encode()).hex() == entry.entry
    assert '"type":"BridgeOpened"' in entry.record and '"actor":"system:test"' in entry.record


async def test_a_hidden_record_is_read_only_after_its_disclosure(database: Database, sequencer: Sequencer) -> None:
    (hidden,) = await record(database, PriceWhispered(price=7))
    await sequencer.run_once()
    async with database.begin(system("opening")) as tx:
        (entry,) = await ledger.entries(tx.session, 0, 9)
        assert (entry.record, entry.salt) == ("", "")
        assert await ledger.of_process(tx.session, "ocds-1") == []  # nobody can count what is hidden
        await ledger.disclose(tx, [hidden], "ocds-1")
        await ledger.disclose(tx, [hidden], "ocds-1")  # again: nothing more happens
    await sequencer.run_once()
    async with database.begin(NOBODY) as tx:
        entry, disclosure = await ledger.of_process(tx.session, "ocds-1")
    assert '"price":7' in entry.record and entry.entry in disclosure.record


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_record SET body = '{}'",
        "DELETE FROM ledger_record",
        "TRUNCATE ledger_record CASCADE",
        "UPDATE ledger_leaf SET entry = decode(repeat('00', 32), 'hex')",
        "UPDATE ledger_checkpoint SET root = decode(repeat('00', 32), 'hex')",
        "UPDATE ledger_tile SET hashes = decode(repeat('00', 32), 'hex')",
        "DELETE FROM ledger_tile",
        "UPDATE installation SET sandbox = false",
    ],
)
async def test_even_the_owner_of_the_schema_cannot_change_it(
    database: Database, sequencer: Sequencer, owner: asyncpg.Connection, attack: str
) -> None:
    await record(database, BridgeOpened(name="Sill"))
    await sequencer.run_once()
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await owner.execute(attack)


async def test_a_tree_altered_with_triggers_off_is_never_signed_again(
    database: Database, sequencer: Sequencer, owner: asyncpg.Connection
) -> None:
    await record(database, BridgeOpened(name="Sill"))
    await sequencer.run_once()
    await owner.execute("ALTER TABLE ledger_tile DISABLE TRIGGER ledger_tile_only_grows")
    await owner.execute("UPDATE ledger_tile SET hashes = decode(repeat('00', 32), 'hex')")
    await record(database, BridgeOpened(name="Kell"))
    with pytest.raises(TreeAltered):
        await sequencer.run_once()


async def test_two_sequencers_place_every_record_once(database: Database, settings: Settings) -> None:
    ordering = db.engine(settings.sequencer_database_url, pool=4)
    both = [Sequencer(async_sessionmaker(ordering, expire_on_commit=False), KEY) for _ in range(2)]
    for _ in range(5):
        await record(database, *(BridgeOpened(name=str(i)) for i in range(20)))
        await asyncio.gather(*(one.run_once() for one in both))
    await both[0].run_once()
    async with database.begin(NOBODY) as tx:
        assert len(await ledger.entries(tx.session, 0, 500)) == 100
    await ordering.dispose()


# ---- transactions and what follows from facts


async def test_raising_rolls_back_and_returning_commits(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.begin(system("test")) as tx:
            await tx.record(BridgeOpened(name="never"))
            raise RuntimeError
    async with database.begin(NOBODY) as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM ledger_record")) == 0


async def test_a_refused_attempt_is_undone_but_its_fact_is_recorded(database: Database) -> None:
    async with database.begin(system("test")) as tx:
        async with tx.trying() as tried:
            await tx.record(BridgeOpened(name="undone"))
            raise Refused("too-late", "No.", fact=BridgeOpened(name="late attempt"))
        assert tried and tried.refused and tried.refused.code == "too-late"
    async with database.begin(NOBODY) as tx:
        bodies = (
            (await tx.session.execute(text("SELECT convert_from(body, 'UTF8') FROM ledger_record"))).scalars().all()
        )
    assert len(bodies) == 1 and "late attempt" in bodies[0]


async def test_a_handler_runs_once_for_its_fact_and_a_failing_one_is_tried_again(settings: Settings) -> None:
    seen: list[str] = []
    broken = [True]

    @handles(BridgeOpened)
    async def paint(tx: Tx, recorded: Recorded[BridgeOpened]) -> None:
        seen.append(recorded.fact.name)

    @handles(BridgeOpened)
    async def measure(tx: Tx, recorded: Recorded[BridgeOpened]) -> None:
        if broken[0]:
            raise OSError("the ruler broke")

    database = Database(settings.database_url, Handlers([paint, measure]))
    await record(database, BridgeOpened(name="Sill"))
    assert {await handle_one(database), await handle_one(database)} == {paint.topic, measure.topic}
    assert await handle_one(database) is None  # the failed one waits
    async with database.begin(NOBODY) as tx:
        row = (await tx.session.execute(select(Outbox).where(Outbox.done_at.is_(None)))).scalar_one()
        assert (row.attempts, row.problem) == (1, "OSError: the ruler broke")
        await tx.session.execute(text("UPDATE outbox SET due_at = clock_timestamp() WHERE done_at IS NULL"))
    broken[0] = False
    assert await handle_one(database) == measure.topic
    assert seen == ["Sill"]
    await database.dispose()


async def test_legal_time_moves_forward_only(database: Database, owner: asyncpg.Connection, advance) -> None:  # type: ignore[no-untyped-def]  # a fixture
    async with database.begin(NOBODY) as tx:
        before = tx.now
    await advance(timedelta(days=10))
    async with database.begin(NOBODY) as tx:
        assert timedelta(days=10) <= tx.now - before < timedelta(days=10, minutes=1)
        assert tx.real_now - before < timedelta(minutes=1)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="forward"):
        await advance(timedelta(days=-1))
