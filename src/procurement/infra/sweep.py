"""Doing the outbox's work: claim one row, handle it, mark it, in one transaction."""

from collections.abc import Callable

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra import traces
from procurement.infra.ledger.tables import LedgerRecord
from procurement.infra.outbox import Handler, Outbox, Recorded
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor, system
from procurement.kernel.entry import Record
from procurement.kernel.fact import Fact

LONGEST_PAUSE = 600  # seconds between two tries of a job that fails

CLAIM = (
    select(Outbox.id, Outbox.topic, Outbox.record_id, Outbox.payload, Outbox.attempts)
    .where(Outbox.done_at.is_(None), Outbox.due_at <= text("clock_timestamp()"))
    .order_by(Outbox.due_at, Outbox.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def actor_of(topic: str) -> Actor:
    """Jobs act as their stage."""
    return system(topic.split(".")[0])


async def handle_one(database: Database, name: Callable[[str], Actor] = actor_of) -> str | None:
    """Do one waiting job; returns its topic, or nothing when none waits.

    A job that fails is undone alone, keeps its problem, and is tried again after a pause that doubles.
    """
    sandbox = await database.is_sandbox()
    async with database.sessions.begin() as session:
        row = (await session.execute(CLAIM)).one_or_none()
        if row is None:
            return None
        tx = Tx(session, name(row.topic), database.handlers, sandbox)
        await tx.clock()
        done = update(Outbox).where(Outbox.id == row.id)
        try:
            with traces.job(row.topic):
                async with session.begin_nested():
                    await _run(tx, database.handlers.by_topic[row.topic], row.record_id, row.payload)
        except Exception as failed:  # whatever one job does, the others go on
            problem, pause = f"{type(failed).__name__}: {failed}"[:500], min(2 ** (row.attempts + 1), LONGEST_PAUSE)
            again = text(f"clock_timestamp() + interval '{pause} seconds'")
            await session.execute(done.values(attempts=row.attempts + 1, problem=problem, due_at=again))
        else:
            await session.execute(done.values(done_at=text("clock_timestamp()"), problem=""))
    return str(row.topic)


async def _run(tx: Tx, handler: Handler, record_id: int | None, payload: dict[str, object]) -> None:
    await handler.run(tx, payload if record_id is None else await _recorded(tx.session, handler, record_id))
    await tx.session.flush()


async def _recorded(session: AsyncSession, handler: Handler, record_id: int) -> Recorded[Fact]:
    row = (await session.execute(select(LedgerRecord).where(LedgerRecord.id == record_id))).scalar_one()
    assert handler.fact
    fact = msgspec.convert(msgspec.json.decode(row.body, type=Record).fact, handler.fact)
    return Recorded(row.id, row.at, row.process, row.organisation, row.actor, fact)
