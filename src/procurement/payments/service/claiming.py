"""Setting money aside for a refund, and letting its channel carry it out once enough people have decided."""

from collections.abc import Sequence

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.payments.rules import books as postings
from procurement.payments.rules import facts, refunds
from procurement.payments.rules.refunds import Refund
from procurement.payments.service import store
from procurement.payments.service.books import enter
from procurement.payments.tables.charges import ChargeRow, PaymentRow, RefundRow
from procurement.rulebooks import service as rulebooks


async def claim(tx: Tx, row: ChargeRow, amount: int, *, reason: str, basis: str, ordered: bool) -> list[Refund]:
    """Ask so much of a charge, whose row is locked, back: one refund for each payment it is taken from.

    How many people decide follows from everything that goes back of this charge, so that a large refund is not asked
    for in small parts; and from whether somebody's word alone brought it about (`_on_a_word`).
    """
    if store.figures(row).free < amount:
        raise refunds.too_much()
    payments = {one.id: one for one in await store.lock_payments(tx, row.id)}
    shares = refunds.shares(store.sources(payments.values()), amount)
    money, made = Money(row.promised + row.returned + amount, row.currency), []
    for payment_id, part in shares:
        payment = payments[payment_id]
        people = await _people(tx, payment, money, ordered=ordered)
        row.promised += part
        made.append(await _ask(tx, row, payment, part, reason, basis, people, ordered=ordered))
    return made


async def claim_payment(tx: Tx, payment: PaymentRow, *, reason: str, basis: str) -> Refund:
    """Ask an unmatched payment, whose row is locked, back: whoever paid it gets it again."""
    free = payment.amount - payment.claimed - payment.returned
    if not free:
        raise refunds.too_much()
    people = await _people(tx, payment, Money(payment.amount, payment.currency), ordered=False)
    return await _ask(tx, None, payment, free, reason, basis, people, ordered=False)


async def carry_out(tx: Tx, charge: ChargeRow | None, payment: PaymentRow, row: RefundRow) -> None:
    """Enough people have decided: from here on the money is under way. Its channel follows the fact."""
    row.approved_at = tx.now
    refund = store.refund(row, payment.channel)
    fact = facts.RefundApproved(
        refund=refund.id, charge=refund.charge, payment=refund.payment, channel=refund.channel, money=refund.money
    )
    record = await tx.record(fact, **about(charge))
    entry = postings.refund_under_way(refund.id, refund.payment, refund.charge or None, refund.money)
    await enter(tx, f"refund:{refund.id}:approved", record, entry)


def about(charge: ChargeRow | None) -> dict[str, str]:
    """Which procurement and organisation a fact is about."""
    return {"process": charge.process, "organisation": charge.payer} if charge else {}


async def _people(tx: Tx, payment: PaymentRow, money: Money, *, ordered: bool) -> int:
    on_a_word = await _on_a_word(tx, payment)
    return refunds.people_needed(await rulebooks.active(tx), money, ordered=ordered, on_a_word=on_a_word)


async def _on_a_word(tx: Tx, payment: PaymentRow) -> bool:
    """Whether one person said whose this money is, or that it did not arrive where it was sent before: that person
    could otherwise send it to a friend, or twice."""
    failed = select(RefundRow.id).where(RefundRow.payment_id == payment.id, RefundRow.failed_at.is_not(None)).limit(1)
    said = payment.matched_by is not None
    return said or (payment.channel == "transfer" and await tx.session.scalar(failed) is not None)


async def _ask(
    tx: Tx,
    charge: ChargeRow | None,
    payment: PaymentRow,
    amount: int,
    reason: str,
    basis: str,
    people: int,
    *,
    ordered: bool,
) -> Refund:
    payment.claimed += amount
    row = RefundRow(
        id=new_id(),
        charge_id=charge.id if charge else None,
        payment_id=payment.id,
        amount=amount,
        currency=payment.currency,
        reason=reason,
        basis=basis,
        people=people,
        asked_by=None if ordered else tx.actor.person or None,
        asked_at=tx.now,
        refusal="",
        problem="",
        external="",
    )
    tx.session.add(row)
    money = Money(amount, payment.currency)
    name = charge.id if charge else ""
    asked = facts.RefundAsked(refund=row.id, charge=name, payment=payment.id, money=money, basis=basis)
    await tx.record(asked, **about(charge))
    if not store.refund(row, payment.channel).missing:
        await carry_out(tx, charge, payment, row)
    return store.refund(row, payment.channel)


def of(rows: Sequence[RefundRow], channels: dict[str, str]) -> list[Refund]:
    """Refunds as the rules look at them; `channels` by payment id."""
    return [store.refund(row, channels[row.payment_id]) for row in rows]
