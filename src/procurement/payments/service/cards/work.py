"""What is to be asked of the other side, one row for each object: written with what it follows from, done outside of
any transaction, tried again until it is done.

It is a queue of its own, so that a card service that answers slowly holds up no other job.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.payments.tables.cards import TURN, CardWork

SEND_REFUND = "send-refund"
CLOSE = {"page": "close-session", "program": "close-intent"}
LEASE = timedelta(seconds=90)  # after which another worker may try what nobody finished
LONGEST_PAUSE = 600  # seconds between two tries

DUE = select(CardWork.kind, CardWork.object).where(CardWork.due_at <= text("clock_timestamp()"))


class Task(msgspec.Struct, frozen=True):
    kind: str
    object: str
    turn: int
    attempts: int


class Waiting(msgspec.Struct, frozen=True):
    """How many objects are to be looked at, since how many seconds the oldest, and how many failed at least once."""

    count: int
    oldest: float
    failed: int


async def put(tx: Tx, kind: str, name: str) -> None:
    """Ask for it now, or once more where it is asked for already."""
    now, turn = tx.real_now, TURN.next_value()
    fresh = {"kind": kind, "object": name, "turn": turn, "since": now, "due_at": now, "attempts": 0, "problem": ""}
    again = {"turn": turn, "due_at": now}
    stored = insert(CardWork).values(fresh).on_conflict_do_update(index_elements=["kind", "object"], set_=again)
    await tx.session.execute(stored)


async def take(tx: Tx, most: int) -> list[Task]:
    """What is due, the longest waiting first; nobody else takes it before the lease runs out."""
    due = DUE.order_by(CardWork.due_at).limit(most).with_for_update(skip_locked=True).cte("due")
    mine = (CardWork.kind == due.c.kind) & (CardWork.object == due.c.object)
    taken = update(CardWork).where(mine).values(due_at=tx.real_now + LEASE, attempts=CardWork.attempts + 1)
    told = taken.returning(CardWork.kind, CardWork.object, CardWork.turn, CardWork.attempts)
    rows: Sequence[object] = (await tx.session.execute(told)).all()
    return [Task(*row) for row in rows]  # type: ignore[misc]  # a row is the four that were asked for


async def done(tx: Tx, task: Task) -> None:
    """Unless somebody asked for it again since it was taken: then it is due at once."""
    await tx.session.execute(delete(CardWork).where(_is(task), CardWork.turn == task.turn))
    await tx.session.execute(update(CardWork).where(_is(task)).values(due_at=tx.real_now, attempts=0, problem=""))


async def failed(tx: Tx, task: Task, problem: str) -> None:
    pause = timedelta(seconds=min(2**task.attempts, LONGEST_PAUSE))
    await tx.session.execute(
        update(CardWork).where(_is(task)).values(due_at=tx.real_now + pause, problem=problem[:200])
    )


async def waiting(tx: Tx) -> Waiting:
    oldest = func.coalesce(func.extract("epoch", text("clock_timestamp()") - func.min(CardWork.since)), 0)
    unlucky = func.count().filter(CardWork.problem != "")
    row = (await tx.session.execute(select(func.count(), oldest, unlucky).select_from(CardWork))).one()
    return Waiting(row[0], float(row[1]), row[2])


def _is(task: Task):  # type: ignore[no-untyped-def]  # SQLAlchemy's own type of a condition
    return (CardWork.kind == task.kind) & (CardWork.object == task.object)
