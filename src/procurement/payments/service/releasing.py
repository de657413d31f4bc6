"""Money that goes back because a rule or an event says so: what was paid too much, and deposits whose time is over."""

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.payments.rules import charges, facts
from procurement.payments.rules.charges import Purpose
from procurement.payments.rules.refunds import OVERPAID, Refund
from procurement.payments.service import store
from procurement.payments.service.claiming import claim
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.charges import ChargeRow


async def release(
    tx: Tx, *, purpose: Purpose, subject: str, payer: str | None = None, reason: str, basis: str
) -> list[Refund]:
    """Ask no longer, of this payer or of all (None), and give everything back that is still held.

    `basis` is the article or rule that says so. Doing it twice is doing it once. Above the rulebook's limit two people
    confirm each; below it goes by itself.
    """
    tx.actor.must(P.REFUND_ASK, of=treasury(tx, P.REFUND_ASK))
    why = charges.reason(reason)
    query = select(ChargeRow.id).where(ChargeRow.purpose == purpose, ChargeRow.subject == subject)
    if payer is not None:
        query = query.where(ChargeRow.payer == payer)
    made: list[Refund] = []
    for charge_id in await tx.session.scalars(query.order_by(ChargeRow.id)):
        row = await store.lock_charge(tx, charge_id)
        await withdraw(tx, row)
        made += await give_back_excess(tx, row, why, basis)
    return made


async def give_back_excess(tx: Tx, row: ChargeRow, reason: str, basis: str = OVERPAID) -> list[Refund]:
    """What a charge, whose row is locked, holds beyond what it asks for: all of it once it asks for nothing."""
    excess = store.figures(row).excess(cancelled=row.cancelled_at is not None)
    return await claim(tx, row, excess, reason=reason, basis=basis, ordered=True) if excess else []


async def withdraw(tx: Tx, row: ChargeRow) -> None:
    """The charge, whose row is locked, asks for nothing any more."""
    if row.cancelled_at is None:
        row.cancelled_at = tx.now
        await tx.record(facts.ChargeCancelled(charge=row.id), process=row.process, organisation=row.payer)
