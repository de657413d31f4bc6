"""Whether the record, the books and the figures of charges say the same. Looking changes nothing."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select

from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.service import Told
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.payments.rules.books import Account
from procurement.payments.rules.facts import MOVING
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.books import BookEntry, BookPosting
from procurement.payments.tables.charges import ChargeRow, PaymentRow, RefundRow

BATCH = 1000  # facts that are compared at a time
MOST = 20  # differences that are told


async def differences(tx: Tx) -> list[str]:
    """Each in one sentence, twenty at most; none where all agrees.

    Every fact that moves money has one entry of that amount and there is no other entry; each currency sums to zero;
    what the books hold for a charge is what its figures say, and so with unmatched payments.
    """
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    found = [*await _facts(tx), *await _sums(tx), *await _charges(tx), *await _unmatched(tx)]
    return found[:MOST]


async def _facts(tx: Tx) -> list[str]:
    found, after, seen = list[str](), 0, 0
    while told := await ledger.of_types(tx.session, [fact.__name__ for fact in MOVING], after, BATCH):
        found += await _batch(tx, told)
        after, seen = told[-1].id, seen + len(told)
    entries = await tx.session.scalar(select(func.count()).select_from(BookEntry)) or 0
    if entries != seen and not found:
        found.append(f"The books have {entries} entries, the record {seen} facts that move money.")
    return found


async def _batch(tx: Tx, told: Sequence[Told]) -> list[str]:
    """What one batch of facts lacks in the books, or has there otherwise."""
    volume = func.sum(BookPosting.amount).filter(BookPosting.amount > 0).label("volume")
    query = (
        select(BookEntry.record_id, BookPosting.currency, volume)
        .join(BookPosting, BookPosting.entry == BookEntry.id)
        .where(BookEntry.record_id.in_([one.id for one in told]))
        .group_by(BookEntry.record_id, BookPosting.currency)
    )
    booked = {row.record_id: (int(row.volume), row.currency) for row in await tx.session.execute(query)}
    wanted = {one.id: (abs(one.fact["money"]["amount"]), one.fact["money"]["currency"]) for one in told}
    return [
        f"Record {id_} tells of {money[0]} {money[1]} (minor units), the books of {booked.get(id_, 'nothing')}."
        for id_, money in wanted.items()
        if booked.get(id_) != money
    ]


async def _sums(tx: Tx) -> list[str]:
    total = func.sum(BookPosting.amount)
    query = select(BookPosting.currency, total.label("total")).group_by(BookPosting.currency).having(total != 0)
    return [f"The books lean by {row.total} in {row.currency}." for row in await tx.session.execute(query)]


async def _charges(tx: Tx) -> list[str]:
    held = (
        select(BookPosting.party, (-func.sum(BookPosting.amount)).label("amount"))
        .where(BookPosting.account == Account.HELD)
        .group_by(BookPosting.party)
        .subquery()
    )
    # What is approved and under way has left the account of the charge, not yet its figures.
    under_way = (
        select(RefundRow.charge_id, (-func.sum(BookPosting.amount)).label("amount"))
        .join(BookPosting, BookPosting.party == RefundRow.id)
        .where(BookPosting.account == Account.UNDER_WAY)
        .group_by(RefundRow.charge_id)
        .subquery()
    )
    booked = func.coalesce(held.c.amount, 0) + func.coalesce(under_way.c.amount, 0)
    query = (
        select(ChargeRow.id)
        .outerjoin(held, held.c.party == ChargeRow.id)
        .outerjoin(under_way, under_way.c.charge_id == ChargeRow.id)
        .where(booked != ChargeRow.paid - ChargeRow.returned - ChargeRow.kept)
    )
    return [f"Charge {id_} holds something else than the books say." for id_ in await tx.session.scalars(query)]


async def _unmatched(tx: Tx) -> list[str]:
    """In total: what came without a charge, and neither went back nor is on its way."""
    owed = select(PaymentRow.currency, func.sum(PaymentRow.amount - PaymentRow.returned).label("amount"))
    under_way = (
        select(RefundRow.currency, func.sum(RefundRow.amount).label("amount"))
        .where(RefundRow.charge_id.is_(None), RefundRow.approved_at.is_not(None))
        .where(RefundRow.sent_at.is_(None), RefundRow.failed_at.is_(None))
    )
    booked = select(BookPosting.currency, func.sum(-BookPosting.amount).label("amount"))
    said = await _by_currency(tx, owed.where(PaymentRow.charge_id.is_(None)).group_by(PaymentRow.currency))
    gone = await _by_currency(tx, under_way.group_by(RefundRow.currency))
    told = await _by_currency(tx, booked.where(BookPosting.account == Account.UNMATCHED).group_by(BookPosting.currency))
    return [
        f"Unmatched payments in {currency} are something else than the books say."
        for currency in said | told
        if said.get(currency, 0) - gone.get(currency, 0) != told.get(currency, 0)
    ]


async def _by_currency(tx: Tx, query: Select[str, int]) -> dict[str, int]:
    return {currency: int(amount) for currency, amount in await tx.session.execute(query)}
