"""Refunds that do not leave after all: refused by a person, failed on their way, or called off in time."""

from collections.abc import Sequence

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.payments.rules import books as postings
from procurement.payments.rules import facts
from procurement.payments.service import store
from procurement.payments.service.books import enter
from procurement.payments.service.claiming import about
from procurement.payments.tables.charges import ChargeRow, PaymentRow, RefundRow

TAKEN_BACK = "The payer's bank took the payment back."


async def refuse(tx: Tx, charge: ChargeRow | None, payment: PaymentRow, row: RefundRow, why: str) -> None:
    """It is decided against. All rows are locked, here and below."""
    row.refused_by, row.refused_at, row.refusal = tx.actor.person or None, tx.now, why
    payment.claimed -= row.amount
    if charge:
        charge.promised -= row.amount
    await tx.record(facts.RefundRefused(refund=row.id), **about(charge))


async def fail(tx: Tx, charge: ChargeRow | None, payment: PaymentRow, row: RefundRow, problem: str) -> None:
    """It could not be sent, or came back after it had gone: its money is owed again."""
    refund, had_gone = store.refund(row, payment.channel), row.sent_at is not None
    row.failed_at, row.problem = tx.now, problem
    if had_gone:
        payment.returned -= row.amount
    else:
        payment.claimed -= row.amount
    if charge and had_gone:
        charge.returned -= row.amount
    elif charge:
        charge.promised -= row.amount
    money = Money(row.amount, row.currency)
    record = await tx.record(facts.RefundFailed(refund=row.id, charge=refund.charge, money=money), **about(charge))
    owed = postings.owed_to(refund.charge or None, payment.id)
    entry = postings.refund_failed(row.id, refund.channel, owed, money, had_gone=had_gone)
    await enter(tx, f"refund:{row.id}:failed", record, entry)


async def not_begun(tx: Tx, payment: PaymentRow) -> Sequence[RefundRow]:
    """Refunds of a payment that wait for a decision or for their channel: they can still be called off."""
    row = RefundRow
    ended = row.sent_at.is_(None), row.failed_at.is_(None), row.refused_at.is_(None)
    query = select(row).where(row.payment_id == payment.id, row.sending_at.is_(None), *ended).order_by(row.id)
    return (await tx.session.scalars(query.with_for_update().execution_options(populate_existing=True))).all()


async def call_off(tx: Tx, charge: ChargeRow | None, payment: PaymentRow, row: RefundRow) -> None:
    """The payer has the money by its bank already, and shall not have it twice."""
    if row.approved_at is None:
        await refuse(tx, charge, payment, row, TAKEN_BACK)
    else:
        await fail(tx, charge, payment, row, TAKEN_BACK)
