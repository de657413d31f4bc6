"""The practice clock: in a sandbox, and only there, legal time can be moved forward, for everyone.

The database's clock moves with the row, the keyholder's within a second by a statement that the ledger key signs.
"""

from datetime import datetime, timedelta

from sqlalchemy import Identity, Interval, select, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table
from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger.facts import SandboxClockMoved
from procurement.infra.tx import Tx
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.refusal import Refused
from procurement.keyholder.rules import clock_statement

FARTHEST = timedelta(days=400)  # one step


class SandboxClock(Table):
    __tablename__ = "sandbox_clock"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    offset_by: Mapped[timedelta] = mapped_column(Interval)
    actor: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


def must_be_sandbox(tx: Tx) -> None:
    """Refused("not-a-sandbox", 404): a production service has no such thing."""
    if not tx.sandbox:
        raise Refused("not-a-sandbox", "There is nothing at this address.", status=404)


async def offset(tx: Tx) -> timedelta:
    """How far legal time is ahead of real time."""
    newest = await tx.session.scalar(select(SandboxClock.offset_by).order_by(SandboxClock.id.desc()).limit(1))
    return newest or timedelta()


async def advance(tx: Tx, by: timedelta) -> None:
    """Move legal time forward by whole seconds. Refused("clock-step-invalid") backwards or absurdly far."""
    must_be_sandbox(tx)
    tx.actor.must_be_somebody()
    step = timedelta(seconds=by // timedelta(seconds=1))
    if not timedelta() < step <= FARTHEST:
        raise Refused("clock-step-invalid", "Legal time moves forward, at most 400 days at once.", status=422)
    await tx.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('sandbox.clock'))"))
    moved = await offset(tx) + step
    tx.session.add(SandboxClock(offset_by=moved, actor=tx.actor.name))
    await tx.session.flush()
    await tx.clock()
    await tx.record(SandboxClockMoved(seconds=moved // timedelta(seconds=1)))


async def follow(tx: Tx, keyholder: Keyholder, key: SignerKey) -> None:
    """Bring the keyholder's legal clock up to the database's."""
    clocks = await keyholder.clocks()
    wanted = await offset(tx)
    if tx.sandbox and clocks.sandbox and wanted - (clocks.legal - clocks.real) >= timedelta(seconds=1):
        await keyholder.move_clock(key.sign(clock_statement(key.verifier.name, wanted)))
