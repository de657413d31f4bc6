"""Writing the books, and what they say."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import func, insert, select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments.rules.books import Account, Balance, Entry
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.books import BookEntry, BookPosting
from procurement.payments.tables.charges import DisputeRow, PaymentRow


class Booked(msgspec.Struct, frozen=True):
    """One posting with the entry it belongs to; `record` is the ledger record that it follows from."""

    key: str
    at: datetime
    record: int
    account: Account
    party: str
    money: Money


async def enter(tx: Tx, key: str, record: int, entry: Entry, at: datetime | None = None) -> None:
    """Book one event, once: `key` names it. `at` is from when the money counts, in legal time; now when omitted.

    An entry that does not sum to zero is refused by the database when the transaction ends.
    """
    made = insert(BookEntry).values(key=key, at=at or tx.now, record_id=record).returning(BookEntry.id)
    entry_id = await tx.session.scalar(made)
    values = [
        {
            "entry": entry_id,
            "account": posting.account,
            "party": posting.party,
            "amount": posting.money.amount,
            "currency": posting.money.currency,
        }
        for posting in entry
    ]
    await tx.session.execute(insert(BookPosting), values)


async def balances(tx: Tx) -> list[Balance]:
    """Every account in every currency that was ever used in it, in the order of the accounts."""
    total = func.sum(BookPosting.amount).label("amount")
    rows = await tx.session.execute(
        select(BookPosting.account, BookPosting.currency, total).group_by(BookPosting.account, BookPosting.currency)
    )
    found = [Balance(Account(row.account), Money(int(row.amount), row.currency)) for row in rows]
    order = list(Account)
    return sorted(found, key=lambda one: (one.money.currency, order.index(one.account)))


async def treasury_balances(tx: Tx) -> list[Balance]:
    """The same for whoever asks: Refused("not-permitted", 403) for whoever is no treasurer."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return await balances(tx)


async def held_at(tx: Tx, charges: Iterable[str], at: datetime) -> dict[str, Money]:
    """What was held for each of these charges at a legal moment, by the day on which money counts; a charge for which
    nothing ever was booked is left out.

    What the payer's bank had taken back by then was not there, whoever has it in the end.
    """
    parties = set(charges)
    total = func.sum(BookPosting.amount).label("amount")
    rows = await tx.session.execute(
        select(BookPosting.party, BookPosting.currency, total)
        .join(BookEntry, BookEntry.id == BookPosting.entry)
        .where(BookPosting.account == Account.HELD, BookPosting.party.in_(parties), BookEntry.at <= at)
        .group_by(BookPosting.party, BookPosting.currency)
    )
    gone = await _disputed_at(tx, parties, at)
    return {row.party: Money(max(0, -int(row.amount) - gone.get(row.party, 0)), row.currency) for row in rows}


async def _disputed_at(tx: Tx, charges: Iterable[str], at: datetime) -> dict[str, int]:
    """What was set aside for disputes that were open at a legal moment, in minor units by charge."""
    query = (
        select(PaymentRow.charge_id, func.sum(DisputeRow.covered))
        .join(PaymentRow, PaymentRow.id == DisputeRow.payment_id)
        .where(PaymentRow.charge_id.in_(charges), DisputeRow.opened_at <= at)
        .where(DisputeRow.closed_at.is_(None) | (DisputeRow.closed_at > at))
        .group_by(PaymentRow.charge_id)
    )
    return {charge: int(amount) for charge, amount in await tx.session.execute(query) if charge}


async def booked(tx: Tx, parties: Iterable[str]) -> list[Booked]:
    """Every posting of the entries that touch any of these parties, in the order in which they were booked."""
    named = select(BookPosting.entry).where(
        BookPosting.account.in_(list(Account)), BookPosting.party.in_(set(parties) - {""})
    )
    rows = await tx.session.execute(
        select(BookEntry.key, BookEntry.at, BookEntry.record_id, BookPosting)
        .join(BookPosting, BookPosting.entry == BookEntry.id)
        .where(BookEntry.id.in_(named))
        .order_by(BookEntry.id, BookPosting.amount.desc())
    )
    return [
        Booked(key, at, record, Account(line.account), line.party, Money(line.amount, line.currency))
        for key, at, record, line in rows
    ]
