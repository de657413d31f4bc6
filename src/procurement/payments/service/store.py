"""Rows and the locks on them, as the rules look at them.

Locks are always taken in this order: charges by id, then their payments, then the refund or forfeiture.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.refusal import unknown
from procurement.payments.rules import charges
from procurement.payments.rules.charges import Charge, Figures
from procurement.payments.rules.refunds import Forfeiture, Refund, RefundState, Source
from procurement.payments.tables.charges import ChargeRow, ForfeitureRow, PaymentRow, RefundRow


async def lock_charge(tx: Tx, charge_id: str) -> ChargeRow:
    """Whoever moves money of a charge holds its row. Refused("charge-unknown", 404). The clock is read again."""
    query = select(ChargeRow).where(ChargeRow.id == charge_id).with_for_update()
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise unknown("charge")
    await tx.clock()
    return row


async def lock_payment(tx: Tx, payment_id: str) -> PaymentRow:
    """Refused("payment-unknown", 404)."""
    query = select(PaymentRow).where(PaymentRow.id == payment_id).with_for_update()
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise unknown("payment")
    return row


async def lock_payments(tx: Tx, charge_id: str) -> Sequence[PaymentRow]:
    """Every payment of a charge, the newest first."""
    query = select(PaymentRow).where(PaymentRow.charge_id == charge_id).order_by(PaymentRow.id).with_for_update()
    rows = await tx.session.scalars(query.execution_options(populate_existing=True))
    return sorted(rows, key=lambda row: (row.received_at, row.id), reverse=True)


def sources(payments: Iterable[PaymentRow]) -> list[Source]:
    return [Source(row.id, row.amount - row.claimed - row.returned) for row in payments]


def figures(row: ChargeRow) -> Figures:
    return Figures(row.amount, row.paid, row.promised, row.keeping, row.returned, row.kept, row.disputed)


def charge(row: ChargeRow) -> Charge:
    now, cancelled = figures(row), row.cancelled_at is not None

    def money(amount: int) -> Money:
        return Money(amount, row.currency)

    return Charge(
        id=row.id,
        purpose=row.purpose,  # type: ignore[arg-type]  # the table checks it
        subject=row.subject,
        process=row.process,
        title=row.title,
        payer=row.payer,
        payee=row.payee,
        amount=money(row.amount),
        reference=row.reference,
        asked_at=row.asked_at,
        due=row.due,
        paid=money(row.paid),
        promised=money(row.promised),
        keeping=money(row.keeping),
        returned=money(row.returned),
        kept=money(row.kept),
        disputed=money(row.disputed),
        held=money(now.held),
        owed=money(0 if cancelled else now.owed),
        state=charges.state(now, cancelled=cancelled),
        cancelled_at=row.cancelled_at,
    )


async def lock_refund(tx: Tx, refund_id: str) -> tuple[ChargeRow | None, PaymentRow, RefundRow]:
    """A refund with what it is paid from, all locked. Refused("refund-unknown", 404)."""
    seen = await tx.session.get(RefundRow, refund_id)
    if seen is None:
        raise unknown("refund")
    charge_row = await lock_charge(tx, seen.charge_id) if seen.charge_id else None
    payment = await lock_payment(tx, seen.payment_id)
    row = await tx.session.get_one(RefundRow, refund_id, with_for_update=True, populate_existing=True)
    await tx.clock()
    return charge_row, payment, row


async def lock_forfeiture(tx: Tx, forfeiture_id: str) -> tuple[ChargeRow, ForfeitureRow]:
    """A forfeiture with its charge, both locked. Refused("forfeiture-unknown", 404)."""
    seen = await tx.session.get(ForfeitureRow, forfeiture_id)
    if seen is None:
        raise unknown("forfeiture")
    charge_row = await lock_charge(tx, seen.charge_id)
    row = await tx.session.get_one(ForfeitureRow, forfeiture_id, with_for_update=True, populate_existing=True)
    return charge_row, row


def refund(row: RefundRow, channel: str) -> Refund:
    return Refund(
        id=row.id,
        charge=row.charge_id or "",
        payment=row.payment_id,
        channel=channel,  # type: ignore[arg-type]  # the table checks it
        money=Money(row.amount, row.currency),
        reason=row.reason,
        basis=row.basis,
        asked_by=row.asked_by or "",
        asked_at=row.asked_at,
        people=row.people,
        confirmed_by=row.confirmed_by or "",
        confirmed_at=row.confirmed_at,
        approved_by=row.approved_by or "",
        approved_at=row.approved_at,
        refused_by=row.refused_by or "",
        refused_at=row.refused_at,
        refusal=row.refusal,
        sending_at=row.sending_at,
        sent_at=row.sent_at,
        failed_at=row.failed_at,
        problem=row.problem,
        external=row.external,
        state=_state(row),
    )


def _state(row: RefundRow) -> RefundState:
    if row.failed_at:
        return "failed"
    if row.sent_at:
        return "sent"
    if row.refused_at:
        return "refused"
    if row.sending_at:
        return "sending"
    return "approved" if row.approved_at else "waiting"


def forfeiture(row: ForfeitureRow) -> Forfeiture:
    return Forfeiture(
        id=row.id,
        charge=row.charge_id,
        money=Money(row.amount, row.currency),
        reason=row.reason,
        basis=row.basis,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        approved_by=row.approved_by or "",
        approved_at=row.approved_at,
        refused_by=row.refused_by or "",
        refused_at=row.refused_at,
        refusal=row.refusal,
        state="kept" if row.approved_at else "refused" if row.refused_at else "waiting",
    )
