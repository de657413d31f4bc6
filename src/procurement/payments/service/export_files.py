"""The accountant's export as files: CSV in one ZIP, written to a file that spills to the disk, never held whole."""

import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO

from procurement.infra.tx import Tx
from procurement.infra.web.csv_file import csv_lines
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.service import export, transfer_lines
from procurement.payments.service.export import Period
from procurement.payments.service.permitted import treasury

IN_MEMORY = 8 << 20  # bytes; a larger export waits on the disk
CHUNK = 1 << 16
MADE = (1980, 1, 1, 0, 0, 0)  # the same books give the same file
JOURNAL = ("entry", "counts_from", "booked_at", "event", "account", "party", "debit", "credit", "currency", "document")
BALANCES = ("account", "debit", "credit", "currency")
CHARGES = ("reference", "for", "title", "payer", "asked_at", "due", "asked", "paid", "owed", "currency")
RECEIPTS = ("number", "receipt", "issued_at", "kind", "payer", "amount", "currency", "event", "sha256")
NOT_BOOKED = ("lines", "came_in", "went_out", "currency")

Rows = AsyncIterator[Sequence[str]]


async def archive(tx: Tx, during: Period) -> IO[bytes]:
    """The ZIP, ready to be read from its beginning. Refused("books-unbalanced", 503) where a period does not sum to
    zero: the database would have refused such an entry, so the books themselves were altered."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    for debit, credit in (await export.totals(tx, during)).values():
        if debit + credit:
            raise Refused("books-unbalanced", "The books do not sum to zero. Nothing was exported.", status=503)
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # whoever sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        await _put(made, "journal.csv", JOURNAL, _journal(tx, during))
        await _put(made, "balances.csv", BALANCES, _balances(tx, during))
        await _put(made, "open-charges.csv", CHARGES, _charges(tx))
        await _put(made, "receipts.csv", RECEIPTS, _receipts(tx, during))
        await _put(made, "not-booked.csv", NOT_BOOKED, _not_booked(tx))
    file.seek(0)
    return file


async def parts(file: IO[bytes]) -> AsyncIterator[bytes]:
    """The bytes of a file, in parts; it is closed behind the last."""
    with file:
        while part := file.read(CHUNK):
            yield part


async def _put(made: zipfile.ZipFile, name: str, header: Sequence[str], rows: Rows) -> None:
    place = zipfile.ZipInfo(name, MADE)
    place.compress_type = zipfile.ZIP_DEFLATED
    with made.open(place, "w", force_zip64=True) as out:
        out.write(csv_lines([header]).encode("utf-8-sig"))
        async for row in rows:
            out.write(csv_lines([row]).encode())


async def _journal(tx: Tx, during: Period) -> Rows:
    async for entry in export.whole_journal(tx, during):
        moments = entry.at.astimezone(during.zone).isoformat(), entry.booked_at.astimezone(during.zone).isoformat()
        for line in entry.postings:
            yield (
                str(entry.entry), *moments, entry.key, line.account, line.party, *_sides(line.money),
                line.money.currency, entry.document,
            )  # fmt: skip


async def _balances(tx: Tx, during: Period) -> Rows:
    for one in await export.balances_at(tx, during.ends):
        yield one.account, *_sides(one.money), one.money.currency


async def _charges(tx: Tx) -> Rows:
    async for one in export.open_charges(tx):
        due = one.due.isoformat() if one.due else ""
        figures = (f"{money.decimal():f}" for money in (one.amount, one.paid, one.owed))
        yield (
            one.reference, one.purpose, one.title, one.payer, one.asked_at.isoformat(), due, *figures,
            one.amount.currency,
        )  # fmt: skip


async def _receipts(tx: Tx, during: Period) -> Rows:
    async for one in export.receipts_of(tx, during):
        money = f"{one.money.decimal():f}", one.money.currency
        issued = one.issued_at.astimezone(during.zone).isoformat()
        yield one.registered, one.name, issued, one.kind, one.payer, *money, one.book_key, one.document_sha256


async def _not_booked(tx: Tx) -> Rows:
    """What a statement shows and no book has: it explains a difference between bank and books."""
    waiting = await transfer_lines.waiting(tx)
    for money in waiting.totals:
        yield str(waiting.count), *_sides(money), money.currency


def _sides(money: Money) -> Iterable[str]:
    """Debit and credit, one of them empty: a figure that begins with a minus would be a formula to a spreadsheet."""
    return (f"{money.decimal():f}", "") if money.amount > 0 else ("", f"{(money * -1).decimal():f}")
