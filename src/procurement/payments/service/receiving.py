"""Money that came in: booked once for each id that its channel gave it, and matched with what was asked."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.rules import books as postings
from procurement.payments.rules import charges, facts
from procurement.payments.rules.charges import Channel
from procurement.payments.service import store
from procurement.payments.service.books import enter
from procurement.payments.service.moments import legal
from procurement.payments.service.permitted import treasury
from procurement.payments.service.releasing import give_back_excess
from procurement.payments.tables.charges import ChargeRow, PaymentRow

TOO_MUCH = "More was paid than was asked."


class Received(msgspec.Struct, frozen=True):
    """`charge` is "" where the money is unmatched; `again` says that it had been booked before."""

    payment: str
    charge: str
    again: bool


async def receive(
    tx: Tx, *, charge: str | None, money: Money, channel: Channel, external: str, at: datetime
) -> Received:
    """Book money that came in; `at` is when it did by the channel's word, in real time.

    Once for each `external` id of a channel, however often it is told. Without a charge, or in another currency than
    the charge's, it is unmatched. What is more than was asked goes back by itself.
    Refused("charge-unknown", 404), Refused("payment-differs") for another amount under the same id.
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    charges.must_be_an_amount(money)
    row = await store.lock_charge(tx, charge) if charge else None
    if row is not None and row.currency != money.currency:
        row = None
    payment_id = await _written(tx, row, money, channel, external, at)
    if payment_id is None:
        return await _again(tx, money, channel, external)
    name = row.id if row else ""
    fact = facts.PaymentReceived(payment=payment_id, charge=name, channel=channel, money=money)
    record = await tx.record(fact, process=row.process if row else "", organisation=row.payer if row else "")
    entry = postings.received(channel, payment_id, name or None, money)
    await enter(tx, f"payment:{payment_id}", record, entry, legal(tx, at))
    if row:
        row.paid += money.amount
        await give_back_excess(tx, row, TOO_MUCH)
    return Received(payment_id, name, again=False)


async def match(tx: Tx, payment_id: str, charge_id: str) -> None:
    """Say what unmatched money was for. Refused("payment-matched"), ("payment-returned"), ("currency-differs")."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    row = await store.lock_charge(tx, charge_id)
    payment = await store.lock_payment(tx, payment_id)
    _must_be_free(payment, row)
    payment.charge_id, payment.matched_at = row.id, tx.now
    payment.matched_by = tx.actor.person or None
    money = Money(payment.amount, payment.currency)
    fact = facts.PaymentMatched(payment=payment_id, charge=row.id, money=money)
    record = await tx.record(fact, process=row.process, organisation=row.payer)
    # The money was there from the day on which it came, whenever somebody found out what it was for.
    await enter(tx, f"match:{payment_id}", record, postings.matched(payment_id, row.id, money), payment.paid_at)
    row.paid += money.amount
    await give_back_excess(tx, row, TOO_MUCH)


def _must_be_free(payment: PaymentRow, charge: ChargeRow) -> None:
    if payment.charge_id:
        raise Refused("payment-matched", "Somebody has matched this payment already.")
    if payment.claimed or payment.returned:
        raise Refused("payment-returned", "This payment is on its way back to whoever paid it.")
    if payment.currency != charge.currency:
        raise Refused("currency-differs", f"This asks for {charge.currency}, and {payment.currency} came.", status=422)


async def _written(
    tx: Tx, row: ChargeRow | None, money: Money, channel: Channel, external: str, at: datetime
) -> str | None:
    """The id of the new payment; None where it is booked already."""
    values = {
        "id": new_id(), "charge_id": row.id if row else None, "channel": channel, "external": external,
        "amount": money.amount, "currency": money.currency, "paid_at": legal(tx, at), "received_at": tx.now,
        "claimed": 0, "returned": 0,
    }  # fmt: skip
    stored = insert(PaymentRow).values(**values).on_conflict_do_nothing(index_elements=["channel", "external"])
    made: str | None = await tx.session.scalar(stored.returning(PaymentRow.id))
    return made


async def _again(tx: Tx, money: Money, channel: Channel, external: str) -> Received:
    known = (await tx.session.scalars(select(PaymentRow).filter_by(channel=channel, external=external))).one()
    if (known.amount, known.currency) != (money.amount, money.currency):
        raise Refused("payment-differs", "This payment is booked already, with another amount. Look at both again.")
    return Received(known.id, known.charge_id or "", again=True)
