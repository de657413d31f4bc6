"""Writing receipts, each once, and handing them out to whoever paid and to the treasury.

What moved money only notes that a receipt is due; it is written a moment later, when the entry has its place in the
ledger, so that the document can say where it is proved.
"""

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from procurement.infra import documents
from procurement.infra.files import Files
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.payments.rules import receipts as rules
from procurement.payments.rules.receipts import Kind, Receipt, ReceiptIssued
from procurement.payments.service import reading, receipt_document
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.receipts import ReceiptDue, ReceiptNumber, ReceiptRow
from procurement.rulebooks import service as rulebooks

WRITER = system("payments")
BATCH = 50  # receipts that are looked at in one round
PAGE = 50  # receipts on one page


async def note_due(tx: Tx, kind: Kind, subject: str, charge: str, book_key: str, record: int) -> None:
    """A receipt is to be written. Again changes nothing, also after it was."""
    written = select(ReceiptRow.id).where(ReceiptRow.kind == kind, ReceiptRow.subject == subject)
    if charge and await tx.session.scalar(written) is None:
        due = {"kind": kind, "subject": subject, "charge_id": charge, "book_key": book_key, "record_id": record}
        await tx.session.execute(insert(ReceiptDue).values(**due).on_conflict_do_nothing())


async def write_due(database: Database, files: Files) -> int:
    """Write what is due and has its place in the ledger; how many that were. May run several times at once."""
    async with database.begin(WRITER) as tx:
        waiting = (await tx.session.execute(select(ReceiptDue.kind, ReceiptDue.subject).limit(BATCH))).all()
    written = 0
    for kind, subject in waiting:
        async with database.begin(WRITER) as tx:
            written += await _write(tx, files, kind, subject)
    return written


async def receipt(tx: Tx, receipt_id: str) -> Receipt:
    """For whoever paid and the treasury. Refused("receipt-unknown", 404), also for everybody else's."""
    found = await issued(tx, receipt_id)
    if not _may_read(tx, found.payer):
        tx.actor.must_be_somebody()
        raise unknown("receipt")
    return found


async def issued(tx: Tx, receipt_id: str) -> Receipt:
    """For whoever tells of it. Refused("receipt-unknown", 404)."""
    row = await tx.session.get(ReceiptRow, receipt_id)
    if row is None:
        raise unknown("receipt")
    return value(row)


async def of_payer(tx: Tx, organisation: str, before: str = "") -> list[Receipt]:
    """One's own, the newest first. Refused("not-permitted", 403)."""
    tx.actor.must(P.PAYMENT_READ_OWN, of=organisation)
    return await _read(tx, before, ReceiptRow.payer == organisation)


async def register(tx: Tx, before: str = "") -> list[Receipt]:
    """All of them, for the treasury, the newest first; those written before the one of that id."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return await _read(tx, before)


async def of_charge(tx: Tx, charge: str) -> dict[str, Receipt]:
    """Those of a charge, by the payment or refund they are for. The caller decides who sees them."""
    rows = await tx.session.scalars(select(ReceiptRow).where(ReceiptRow.charge_id == charge))
    return {row.subject: value(row) for row in rows}


async def _write(tx: Tx, files: Files, kind: str, subject: str) -> bool:
    here = ReceiptDue.kind == kind, ReceiptDue.subject == subject
    due = await tx.session.scalar(select(ReceiptDue).where(*here).with_for_update(skip_locked=True))
    if due is None:
        return False
    placed = await ledger.placed(tx.session, due.record_id)
    if placed is None:
        return False
    year, number = await _next_number(tx)
    name = await _next_name(tx, due.charge_id)
    text = await receipt_document.text(tx, due, placed, name)
    stored = await documents.keep(files, await documents.pdf("payments/receipt.typ", text, tx.now))
    id_, money = new_id(), Money(text.amount_minor, text.currency)
    row = {
        "id": id_, "year": year, "number": number, "name": name, "kind": kind, "subject": subject,
        "charge_id": due.charge_id, "payer": text.payer_id, "amount": money.amount, "currency": money.currency,
        "book_key": due.book_key, "record_id": due.record_id, "document_sha256": stored.sha256,
        "document_size": stored.size, "issued_at": tx.now,
    }  # fmt: skip
    await tx.session.execute(insert(ReceiptRow).values(**row))
    await tx.session.execute(delete(ReceiptDue).where(*here))
    fact = ReceiptIssued(
        receipt=id_,
        number=name,
        kind=kind,
        subject=subject,
        charge=due.charge_id,
        money=money,
        document_sha256=stored.sha256,
    )
    await tx.record(fact, organisation=text.payer_id)
    return True


async def _next_number(tx: Tx) -> tuple[int, int]:
    """The year by the official calendar and the next number in it. Its row is held until this receipt stands."""
    rulebook = await rulebooks.active(tx)
    year = tx.now.astimezone(rulebook.zone).year
    first = insert(ReceiptNumber).values(year=year, last=1)
    counted = first.on_conflict_do_update(index_elements=["year"], set_={"last": ReceiptNumber.last + 1})
    number = await tx.session.scalar(counted.returning(ReceiptNumber.last))
    assert number is not None
    await tx.clock()
    return year, number


async def _next_name(tx: Tx, charge: str) -> str:
    """Two at once would have one name: the table refuses the second, which is written in the next round."""
    written = await tx.session.scalar(select(func.count()).where(ReceiptRow.charge_id == charge))
    return rules.name_of((await reading.charge(tx, charge)).reference, (written or 0) + 1)


async def _read(tx: Tx, before: str, *conditions: object) -> list[Receipt]:
    query = select(ReceiptRow).where(*conditions)  # type: ignore[arg-type]  # conditions of this module
    if before:
        last = await tx.session.get(ReceiptRow, before)
        if last is None:
            raise unknown("receipt")
        query = query.where(tuple_(ReceiptRow.issued_at, ReceiptRow.id) < (last.issued_at, last.id))
    newest = query.order_by(ReceiptRow.issued_at.desc(), ReceiptRow.id.desc()).limit(PAGE)
    return [value(row) for row in await tx.session.scalars(newest)]


def _may_read(tx: Tx, payer: str) -> bool:
    return tx.actor.may(P.PAYMENT_READ_OWN, of=payer) or tx.actor.may(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))


def value(row: ReceiptRow) -> Receipt:
    return Receipt(
        id=row.id,
        name=row.name or rules.registered(row.year, row.number),
        year=row.year,
        number=row.number,
        kind=row.kind,  # type: ignore[arg-type]  # the table checks it
        subject=row.subject,
        charge=row.charge_id,
        payer=row.payer,
        money=Money(row.amount, row.currency),
        book_key=row.book_key,
        document_sha256=row.document_sha256,
        document_size=row.document_size,
        issued_at=row.issued_at,
    )
