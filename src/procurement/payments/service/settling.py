"""What the card processor does with its balance: pays it out, takes its costs."""

from datetime import datetime

from sqlalchemy import select, text

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments.rules import books as postings
from procurement.payments.rules import facts
from procurement.payments.service.books import enter
from procurement.payments.service.moments import legal
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.books import BookEntry

TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def payout(tx: Tx, *, external: str, money: Money, at: datetime) -> None:
    """The processor's balance went to the bank; below zero, what it lacked came from there. `external` is its id there,
    `at` real time; told twice, booked once."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    if money.amount and await _is_new(tx, key := f"payout:{external}"):
        record = await tx.record(facts.PayoutMade(payout=external, money=money))
        await enter(tx, key, record, postings.paid_out(money), legal(tx, at))


async def payout_failed(tx: Tx, *, external: str, money: Money, at: datetime) -> None:
    """The bank did not take it, so it is back in the processor's balance. Told twice, booked once."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    await payout(tx, external=external, money=money, at=at)  # whoever tells of the end first is told of the beginning
    if money.amount and await _is_new(tx, key := f"payout:{external}:failed"):
        record = await tx.record(facts.PayoutFailed(payout=external, money=money))
        await enter(tx, key, record, postings.payout_failed(money), legal(tx, at))


async def fee(tx: Tx, *, external: str, money: Money, at: datetime) -> None:
    """What the processor took for its work, or gave back of it where `money` is below zero. Told twice, booked once."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    if money.amount and await _is_new(tx, key := f"cost:{external}"):
        record = await tx.record(facts.ProcessingCostBooked(cost=external, money=money))
        await enter(tx, key, record, postings.processing_cost(money), legal(tx, at))


async def _is_new(tx: Tx, key: str) -> bool:
    """Whether nothing is booked under this key; whoever asks at the same time waits until this transaction ends."""
    await tx.session.execute(TURN, {"key": key})
    await tx.clock()
    return await tx.session.scalar(select(BookEntry.id).where(BookEntry.key == key)) is None
