"""The daily comparison: everything that moved there in a window of time against our books.

What is missing here is booked by the same way as ever; every difference is listed for the treasury. A comparison that
dies is made again from where the last one ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from procurement.infra.payments import Cards, Intent, Movement, SentBack
from procurement.infra.tx import Database, Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments.service import settling as balance
from procurement.payments.service.cards import differences, looking, settling, work
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.cards import CardReconciliation
from procurement.payments.tables.charges import PaymentRow, RefundRow

EVERY = timedelta(days=1)
SETTLED = timedelta(hours=1)  # what is younger may still be on its way
OVERLAP = timedelta(hours=6)  # a payment is begun before it is paid
FIRST = timedelta(days=30)  # how far the first comparison looks back


class Reconciliation(msgspec.Struct, frozen=True):
    """A comparison that ended. `since`, `until` and `done_at` are real time."""

    since: datetime
    until: datetime
    done_at: datetime
    compared: int
    differences: int


async def last(tx: Tx) -> Reconciliation | None:
    """The newest. Refused("not-permitted", 403) for all but the treasury."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return await _newest(tx)


async def due(tx: Tx) -> tuple[datetime, datetime] | None:
    """The window that is to be compared now, if one is."""
    newest = await _newest(tx)
    until = tx.real_now.replace(microsecond=0) - SETTLED
    since = newest.until if newest else until - FIRST
    return (since, until) if newest is None or until - since >= EVERY else None


async def reconcile(database: Database, cards: Cards, since: datetime, until: datetime) -> Reconciliation:
    """Compare, book what is missing here, list what differs. Refused("card-unreachable", 503): it is made again."""
    found = compared = 0
    seen_intents, seen_refunds = set(), set()
    async for intent in cards.intents(since - OVERLAP, until):
        seen_intents.add(intent.id)
        found += await _compare_intent(database, cards, intent)
    async for back in cards.refunds(since - OVERLAP, until):
        seen_refunds.add(back.id)
        found += await _compare_refund(database, back)
    async for movement in cards.movements(since - OVERLAP, until):
        compared += 1
        await _book_movement(database, movement)
    found += await _missing_there(database, cards, since, until, seen_intents, seen_refunds)
    compared += len(seen_intents) + len(seen_refunds)
    async with database.begin(looking.ACTING) as tx:
        row = CardReconciliation(since=since, until=until, done_at=tx.real_now, compared=compared, differences=found)
        tx.session.add(row)
        await tx.session.flush()
        return Reconciliation(since, until, row.done_at, compared, found)


async def _compare_intent(database: Database, cards: Cards, intent: Intent) -> int:
    """How many differences were new."""
    if intent.state != "paid":
        return 0
    async with database.begin(looking.ACTING) as tx:
        ours = await settling.booked(tx, intent.id)
        if ours == intent.money:
            return 0
        if ours is not None:
            return await differences.put(tx, "other-amount", intent.id, intent.money)
        if not intent.charge:
            return await differences.put(tx, "not-ours", intent.id, intent.money)
    await looking.look_at_intent(database, cards, intent.id)
    async with database.begin(looking.ACTING) as tx:
        healed = await settling.is_booked(tx, intent.id)
        return await differences.put(tx, "missing-here", intent.id, intent.money, healed=healed)


async def _compare_refund(database: Database, back: SentBack) -> int:
    async with database.begin(looking.ACTING) as tx:
        row = (await tx.session.execute(select(RefundRow.sent_at).where(RefundRow.external == back.id))).first()
        missing = back.state == "sent" and row is None
        await settling.settle_refund(tx, back)
        ours = (await tx.session.execute(select(RefundRow.id).where(RefundRow.external == back.id))).first()
        if not missing or ours is None:
            return 0  # a refund that is none of ours was listed by the settling itself
        return await differences.put(tx, "missing-here", back.id, back.money, healed=True)


async def _book_movement(database: Database, movement: Movement) -> None:
    """Its costs are booked here; payouts and disputes are asked for, in case nobody told of them."""
    async with database.begin(looking.ACTING) as tx:
        await balance.fee(tx, external=movement.id, money=movement.fee, at=movement.at)
        kind = {"po": "payout", "dp": "dispute", "du": "dispute"}.get(movement.source.partition("_")[0])
        if kind:
            await work.put(tx, kind, movement.source)


async def _missing_there(
    database: Database, cards: Cards, since: datetime, until: datetime, intents: set[str], refunds: set[str]
) -> int:
    """What our books have of that window and the other side did not list is asked for one by one."""
    async with database.begin(looking.ACTING) as tx:
        payments, sent = await _ours(tx, since, until)
    found = 0
    for name, money in payments:
        if name not in intents and ((there := await cards.intent(name)) is None or there.state != "paid"):
            found += await _put(database, name, money)
    for name, money in sent:
        if name not in refunds and ((back := await cards.refund(name)) is None or back.state == "failed"):
            found += await _put(database, name, money)
    return found


async def _put(database: Database, name: str, money: Money) -> int:
    async with database.begin(looking.ACTING) as tx:
        return await differences.put(tx, "missing-there", name, money)


async def _ours(tx: Tx, since: datetime, until: datetime) -> tuple[Sequence[tuple[str, Money]], ...]:
    """Payments and sent refunds by card between two real moments."""
    begin, end = (moment + (tx.now - tx.real_now) for moment in (since, until))
    paid = select(PaymentRow.external, PaymentRow.amount, PaymentRow.currency).where(
        PaymentRow.channel == "card", PaymentRow.received_at >= begin, PaymentRow.received_at < end
    )
    sent = (
        select(RefundRow.external, RefundRow.amount, RefundRow.currency)
        .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
        .where(PaymentRow.channel == "card", RefundRow.sent_at >= begin, RefundRow.sent_at < end)
    )
    payments = [(row.external, Money(row.amount, row.currency)) for row in await tx.session.execute(paid)]
    refunds = [(row.external, Money(row.amount, row.currency)) for row in await tx.session.execute(sent)]
    return payments, refunds


async def _newest(tx: Tx) -> Reconciliation | None:
    row = await tx.session.scalar(select(CardReconciliation).order_by(CardReconciliation.id.desc()).limit(1))
    return Reconciliation(row.since, row.until, row.done_at, row.compared, row.differences) if row else None
