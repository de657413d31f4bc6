"""Payments that their payer's bank takes back, and who has the money in the end."""

from datetime import datetime

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.payments.rules import books as postings
from procurement.payments.rules import facts
from procurement.payments.rules.charges import Channel
from procurement.payments.service import store
from procurement.payments.service.books import enter
from procurement.payments.service.claiming import about
from procurement.payments.service.moments import legal
from procurement.payments.service.permitted import treasury
from procurement.payments.service.receiving import TOO_MUCH
from procurement.payments.service.releasing import give_back_excess
from procurement.payments.service.stopping import call_off, not_begun
from procurement.payments.tables.charges import ChargeRow, DisputeRow, PaymentRow


async def dispute_opened(
    tx: Tx, *, external: str, payment: str, money: Money, reason: str, at: datetime, channel: Channel = "card"
) -> str:
    """The bank took `money` of a payment back; returns our id of the dispute, the same however often it is told.

    `external` and `payment` are the channel's ids. What is still owed of it is set aside, so that it is not given
    back a second time; refunds of it that nobody has begun to send are called off for that.
    Refused("payment-unknown", 404).
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    charge, paid = await _lock(tx, await _payment(tx, channel, payment))
    if known := await tx.session.scalar(select(DisputeRow.id).where(DisputeRow.external == external)):
        return str(known)
    row = DisputeRow(
        id=new_id(),
        external=external,
        payment_id=paid.id,
        amount=money.amount,
        currency=money.currency,
        covered=0,
        reason=reason,
        opened_at=legal(tx, at),
    )
    await _cover_first(tx, charge, paid, row)
    tx.session.add(row)
    name = charge.id if charge else ""
    fact = facts.DisputeOpened(dispute=row.id, payment=paid.id, charge=name, money=money)
    record = await tx.record(fact, **about(charge))
    entry = postings.dispute_opened(row.id, channel, money)
    await enter(tx, f"dispute:{row.id}:opened", record, entry, row.opened_at)
    if charge:
        await give_back_excess(tx, charge, TOO_MUCH)  # of refunds that were called off, what is not disputed
    return row.id


async def dispute_closed(tx: Tx, *, external: str, won: bool, at: datetime, channel: Channel = "card") -> None:
    """It is decided: the money is the treasury's again, or stays with the payer. Told twice, it is booked once.

    Refused("dispute-unknown", 404): tell first that it was opened.
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    seen = await tx.session.scalar(select(DisputeRow).where(DisputeRow.external == external))
    if seen is None:
        raise unknown("dispute")
    charge, paid = await _lock(tx, seen.payment_id)
    row = await tx.session.get_one(DisputeRow, seen.id, with_for_update=True, populate_existing=True)
    if row.closed_at is not None:
        return
    row.closed_at, row.won = legal(tx, at), won
    paid.claimed -= row.covered
    paid.returned += 0 if won else row.covered
    if charge:
        charge.disputed -= row.covered
        charge.returned += 0 if won else row.covered
    money = Money(row.amount, row.currency)
    fact = facts.DisputeClosed(dispute=row.id, charge=charge.id if charge else "", money=money, won=won)
    record = await tx.record(fact, **about(charge))
    owed = postings.owed_to(charge.id if charge else None, paid.id)
    lost = postings.dispute_lost(row.id, owed, money, row.covered)
    entry = postings.dispute_won(row.id, channel, money) if won else lost
    await enter(tx, f"dispute:{row.id}:closed", record, entry, row.closed_at)
    if charge:
        await give_back_excess(tx, charge, TOO_MUCH)


async def cover(tx: Tx, charge: ChargeRow | None, paid: PaymentRow) -> None:
    """Money did not leave, or stay, after all: it is there for a dispute that is open, and for one that was lost over
    money that seemed to have left. All rows are locked."""
    row = DisputeRow
    counts = row.payment_id == paid.id, row.closed_at.is_(None) | row.won.is_(False), row.covered < row.amount
    query = select(row).where(*counts).order_by(row.id)
    for one in await tx.session.scalars(query.with_for_update().execution_options(populate_existing=True)):
        before = one.covered
        _set_aside(charge, paid, one)
        if one.closed_at is not None and one.covered > before:
            await _make_good(tx, charge, paid, one, one.covered - before)


async def _make_good(tx: Tx, charge: ChargeRow | None, paid: PaymentRow, row: DisputeRow, amount: int) -> None:
    """What was set aside for a dispute that is lost is the payer's already, and no loss."""
    paid.claimed -= amount
    paid.returned += amount
    if charge:
        charge.disputed -= amount
        charge.returned += amount
    money = Money(amount, row.currency)
    fact = facts.LossMadeGood(dispute=row.id, charge=charge.id if charge else "", money=money)
    record = await tx.record(fact, **about(charge))
    owed = postings.owed_to(charge.id if charge else None, paid.id)
    await enter(tx, f"dispute:{row.id}:made-good:{record}", record, postings.loss_made_good(row.id, owed, money))


async def _cover_first(tx: Tx, charge: ChargeRow | None, paid: PaymentRow, row: DisputeRow) -> None:
    """Set aside what is owed, and what was to go back, as far as that is needed."""
    _set_aside(charge, paid, row)
    if row.currency != paid.currency:
        return
    for refund in await not_begun(tx, paid):
        if row.covered < row.amount:
            await call_off(tx, charge, paid, refund)
            _set_aside(charge, paid, row)


def _set_aside(charge: ChargeRow | None, paid: PaymentRow, row: DisputeRow) -> None:
    """As much of what is disputed as the treasury still owes, in the currency in which it does."""
    more = min(row.amount - row.covered, paid.amount - paid.claimed - paid.returned)
    if charge:
        more = min(more, store.figures(charge).free)
    if more > 0 and row.currency == paid.currency:
        row.covered += more
        paid.claimed += more
        if charge:
            charge.disputed += more


async def _payment(tx: Tx, channel: Channel, external: str) -> str:
    query = select(PaymentRow.id).where(PaymentRow.channel == channel, PaymentRow.external == external)
    found: str | None = await tx.session.scalar(query)
    if found is None:
        raise unknown("payment")
    return found


async def _lock(tx: Tx, payment_id: str) -> tuple[ChargeRow | None, PaymentRow]:
    """A payment with its charge. Somebody may match it between two looks, so it is looked at again under the lock."""
    seen = await tx.session.get_one(PaymentRow, payment_id, populate_existing=True)
    charge = await store.lock_charge(tx, seen.charge_id) if seen.charge_id else None
    paid = await store.lock_payment(tx, payment_id)
    if paid.charge_id and charge is None:
        charge = await store.lock_charge(tx, paid.charge_id)
    return charge, paid
