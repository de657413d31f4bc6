"""The books for an accountant: every posting of a period, balances, what is still asked, and the register of receipts.

A posting stands in the period in which it counts. What is booked later for an earlier day says so in its own column, so
whoever has closed a period sees what came after.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select, tuple_

from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import invalid, unknown
from procurement.payments.rules.charges import Charge
from procurement.payments.rules.receipts import Receipt
from procurement.payments.rules.statement import YEARS
from procurement.payments.service import store
from procurement.payments.service.permitted import treasury
from procurement.payments.service.receipts import value
from procurement.payments.tables.books import BookEntry, BookPosting
from procurement.payments.tables.charges import ChargeRow
from procurement.payments.tables.receipts import ReceiptRow
from procurement.rulebooks import service as rulebooks

PAGE = 500  # entries that are read at a time
LONGEST = 366  # days of one period


class Period(msgspec.Struct, frozen=True):
    """From the first day to the last, both included, in official time."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def ends(self) -> datetime:
        """The moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone)


class Posting(msgspec.Struct, frozen=True):
    """One line of an entry: a debit above zero, a credit below. `party` is whose part of the account it is."""

    account: str
    party: str
    money: Money


class JournalEntry(msgspec.Struct, frozen=True):
    """One event. `at` is from when it counts, `booked_at` when it was booked, both in legal time; `document` is the
    number of its receipt, "" where it has none."""

    entry: int
    key: str
    at: datetime
    booked_at: datetime
    document: str
    postings: tuple[Posting, ...]


class Journal(msgspec.Struct, frozen=True):
    """A part of a journal. `next` is the `after` of the part behind it, 0 at the end."""

    entries: list[JournalEntry]
    next: int


async def period(tx: Tx, first: date, last: date) -> Period:
    """Refused("form-invalid", 422) for one that ends before it begins, is longer than a year, or of no year of ours."""
    if first.year not in YEARS or last.year not in YEARS:
        raise invalid("Nothing was booked then.", last=f"Choose days from {YEARS[0]} to {YEARS[-1]}.")
    if last < first:
        raise invalid("The period ends before it begins.", last="Choose a day on or after the first.")
    if (last - first).days >= LONGEST:
        raise invalid("A period has at most a year.", last="Choose a day within a year of the first.")
    return Period(first, last, (await rulebooks.active(tx)).zone)


async def journal(tx: Tx, during: Period, after: int = 0) -> Journal:
    """The entries of a period in the order in which they count, from behind the one of that number.

    Refused("not-permitted", 403), ("entry-unknown", 404).
    """
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    keys = BookEntry.at, BookEntry.id
    query = select(BookEntry).where(BookEntry.at >= during.begins, BookEntry.at < during.ends)
    if after:
        last = await tx.session.get(BookEntry, after)
        if last is None:
            raise unknown("entry")
        query = query.where(tuple_(*keys) > (last.at, last.id))
    rows = list(await tx.session.scalars(query.order_by(*keys).limit(PAGE + 1)))
    shown = rows[:PAGE]
    postings = await _postings(tx, [row.id for row in shown])
    documents = await _documents(tx, [row.key for row in shown])
    booked = await ledger.moments(tx.session, [row.record_id for row in shown])
    entries = [
        JournalEntry(
            row.id, row.key, row.at, booked[row.record_id], documents.get(_document_of(row.key), ""), postings[row.id]
        )
        for row in shown
    ]
    return Journal(entries, entries[-1].entry if len(rows) > PAGE else 0)


async def whole_journal(tx: Tx, during: Period) -> AsyncIterator[JournalEntry]:
    """Every entry, read in parts."""
    part = await journal(tx, during)
    while True:
        for entry in part.entries:
            yield entry
        if not part.next:
            return
        part = await journal(tx, during, part.next)


async def totals(tx: Tx, during: Period) -> dict[str, tuple[int, int]]:
    """Debits and credits of a period by currency, in minor units: each pair sums to zero."""
    amount = BookPosting.amount
    query = (
        select(
            BookPosting.currency,
            func.coalesce(func.sum(amount).filter(amount > 0), 0),
            func.coalesce(func.sum(amount).filter(amount < 0), 0),
        )
        .join(BookEntry, BookEntry.id == BookPosting.entry)
        .where(BookEntry.at >= during.begins, BookEntry.at < during.ends)
        .group_by(BookPosting.currency)
        .order_by(BookPosting.currency)
    )
    return {currency: (int(debit), int(credit)) for currency, debit, credit in await tx.session.execute(query)}


async def balances_at(tx: Tx, at: datetime) -> list[Posting]:
    """What stood in each account before a moment, by account and currency."""
    total = func.sum(BookPosting.amount)
    query = (
        select(BookPosting.account, BookPosting.currency, total)
        .join(BookEntry, BookEntry.id == BookPosting.entry)
        .where(BookEntry.at < at)
        .group_by(BookPosting.account, BookPosting.currency)
        .order_by(BookPosting.currency, BookPosting.account)
    )
    rows = await tx.session.execute(query)
    return [Posting(account, "", Money(int(amount), currency)) for account, currency, amount in rows]


async def open_charges(tx: Tx) -> AsyncIterator[Charge]:
    """Charges that still ask for something now, the oldest first, read in parts."""
    keys = ChargeRow.asked_at, ChargeRow.id
    query = select(ChargeRow).where(ChargeRow.cancelled_at.is_(None)).order_by(*keys).limit(PAGE)
    rows = list(await tx.session.scalars(query))
    while rows:
        for row in rows:
            charge = store.charge(row)
            if charge.owed.amount:
                yield charge
        behind = tuple_(*keys) > (rows[-1].asked_at, rows[-1].id)
        rows = list(await tx.session.scalars(query.where(behind)))


async def receipts_of(tx: Tx, during: Period) -> AsyncIterator[Receipt]:
    """Receipts that were issued in a period, by number, read in parts."""
    keys = ReceiptRow.year, ReceiptRow.number
    here = ReceiptRow.issued_at >= during.begins, ReceiptRow.issued_at < during.ends
    query = select(ReceiptRow).where(*here).order_by(*keys).limit(PAGE)
    rows = list(await tx.session.scalars(query))
    while rows:
        for row in rows:
            yield value(row)
        rows = list(await tx.session.scalars(query.where(tuple_(*keys) > (rows[-1].year, rows[-1].number))))


async def _postings(tx: Tx, entries: Iterable[int]) -> dict[int, tuple[Posting, ...]]:
    found: dict[int, tuple[Posting, ...]] = {}
    query = select(BookPosting).where(BookPosting.entry.in_(list(entries)))
    ordered = query.order_by(BookPosting.entry, BookPosting.amount.desc(), BookPosting.account, BookPosting.party)
    for row in await tx.session.scalars(ordered):
        posting = Posting(row.account, row.party, Money(row.amount, row.currency))
        found[row.entry] = (*found.get(row.entry, ()), posting)
    return found


async def _documents(tx: Tx, keys: Iterable[str]) -> dict[tuple[str, str], str]:
    """What stands on the receipts, by kind and subject."""
    wanted = [document for key in keys if (document := _document_of(key))[0]]
    place = tuple_(ReceiptRow.kind, ReceiptRow.subject)
    rows = await tx.session.scalars(select(ReceiptRow).where(place.in_(wanted)))
    return {(row.kind, row.subject): value(row).name for row in rows}


def _document_of(key: str) -> tuple[str, str]:
    """Which receipt belongs to the entry of that name, if any does: see jobs.receipts."""
    match key.split(":"):
        case ["payment" | "match", payment]:
            return "payment", payment
        case ["refund", refund, "sent"]:
            return "refund", refund
    return "", ""
