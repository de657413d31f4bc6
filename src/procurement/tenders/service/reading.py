"""Finding tenders, and the locks and latches that every writer of a tender shares."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Text, any_, cast, func, select, text, update

from procurement.infra.tx import Tx
from procurement.kernel.actor import Actor, stronger_proof_needed
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing.opening_key import SignedOpeningKey
from procurement.rulebooks import service as rulebooks
from procurement.rulebooks.rules import Rulebook
from procurement.tenders.rules import life
from procurement.tenders.rules.model import Criterion, Document, Item, Lot, Summary, Tender
from procurement.tenders.tables import (
    CriterionRow,
    DocumentRow,
    ExtensionRow,
    ItemRow,
    LotRow,
    RevisionRow,
    TenderRow,
)

PAGE = 50  # tenders in one page of a list
LOCK = "SELECT pg_advisory_xact_lock{}(hashtextextended('tender:' || :id, 0))"
FREE = text("""
    SELECT id FROM unnest(CAST(:ids AS text[])) AS id
        WHERE pg_try_advisory_xact_lock_shared(hashtextextended('tender:' || id, 0))
""")
SAME = ("id", "ocid", "state", "revision", "revision_hash", "title", "description", "category", "award_method",
        "contract_terms", "rulebook_sha256", "seal_level", "keyholder_recipient", "financial_recipient", "created_by",
        "created_at", "submitted_at", "returned_reason", "published_at", "question_deadline", "answer_deadline",
        "deadline", "opening_at", "closed_at", "settled_at", "cancelled_at", "cancel_reason",
        "keyholder_key")  # fmt: skip


class Revision(msgspec.Struct, frozen=True):
    """A published revision: its number and the SHA-256 (hex) of its canonical `content`."""

    number: int
    sha256: str
    content: bytes


async def lock_shared(tx: Tx, tender_id: str) -> None:
    """Until this transaction ends no writer of the tender goes on; others may hold the same lock."""
    await tx.session.execute(text(LOCK.format("_shared")), {"id": tender_id})


async def lock_shared_if_free(tx: Tx, tender_ids: Iterable[str]) -> set[str]:
    """The same for those of the tenders that no writer holds or waits for: nobody waits here."""
    return set(await tx.session.scalars(FREE, {"ids": sorted(set(tender_ids))}))


async def lock_exclusive(tx: Tx, tender_id: str) -> None:
    """Every writer of a tender holds this, alone, until its transaction ends. Read the clock after it."""
    await tx.session.execute(text(LOCK.format("")), {"id": tender_id})


async def tender(tx: Tx, tender_id: str) -> Tender:
    """The tender as it stands: callers ask for the permission to do something with it. Refused("tender-unknown", 404),
    of a draft also to whoever may not read it: nobody else is to learn that there is one."""
    row = await _row(tx, tender_id)
    if row.published_at is None:
        _must_know(tx.actor, row.buyer_id)
    return await _whole(tx, row)


def _must_know(actor: Actor, buyer: str) -> None:
    try:
        actor.must(P.TENDER_READ_DRAFT, of=buyer)
    except Refused as no:
        if no.code == stronger_proof_needed().code:  # it is theirs, after another proof of who they are
            raise
        raise unknown("tender") from None


async def buyer(tx: Tx, tender_id: str) -> str:
    """The organisation whose tender it is. Refused("tender-unknown", 404)."""
    found = await tx.session.scalar(select(TenderRow.buyer_id).where(TenderRow.id == tender_id))
    if found is None:
        raise unknown("tender")
    return found


async def ocid(tx: Tx, tender_id: str) -> str:
    """The identifier of its contracting process, which never changes. Refused("tender-unknown", 404)."""
    found = await tx.session.scalar(select(TenderRow.ocid).where(TenderRow.id == tender_id))
    if found is None:
        raise unknown("tender")
    return found


async def public_tender(tx: Tx, tender_id: str) -> Tender:
    """A tender that anybody may read. Refused("tender-unknown", 404) before publication."""
    found = await tender(tx, tender_id)
    if not found.is_public:
        raise unknown("tender")
    return found


async def public_heading(tx: Tx, tender_id: str) -> Tender:
    """The same without its items, criteria and documents, and with its lots only where prices are sealed apart, in one
    statement or two: for what waits under a lock."""
    row = await _row(tx, tender_id)
    if row.published_at is None:
        raise unknown("tender")
    return await _heading(tx, row)


async def public_headings(tx: Tx, tender_ids: Iterable[str]) -> dict[str, Tender]:
    """The same for several tenders, by id, without those that nobody may read yet."""
    which = TenderRow.id == any_(cast(sorted(set(tender_ids)), ARRAY(Text))), TenderRow.published_at.is_not(None)
    rows = await tx.session.scalars(select(TenderRow).where(*which).execution_options(populate_existing=True))
    return {row.id: await _heading(tx, row) for row in rows.all()}


async def own_tender(tx: Tx, tender_id: str) -> Tender:
    """A tender as the buyer's own people and the auditors read it, drafts too."""
    found = await tender(tx, tender_id)
    tx.actor.must(P.TENDER_READ_DRAFT, of=found.buyer)
    return found


async def rulebook_of(tx: Tx, found: Tender) -> Rulebook:
    """The rulebook frozen into a published tender; for a draft the one in force."""
    return await (rulebooks.get(tx, found.rulebook) if found.is_public else rulebooks.active(tx))


async def revisions(tx: Tx, tender_id: str) -> tuple[Revision, ...]:
    """Every published revision, oldest first: a bid may be bound to any of them."""
    rows = await tx.session.scalars(
        select(RevisionRow).where(RevisionRow.tender_id == tender_id).order_by(RevisionRow.revision)
    )
    return tuple(Revision(row.revision, row.sha256, row.content) for row in rows)


async def of_buyer(tx: Tx, buyer: str, *, before: str = "", limit: int = PAGE) -> list[Summary]:
    """The buyer's tenders, newest first, from the one after `before` on. Its own people and auditors."""
    tx.actor.must(P.TENDER_READ_DRAFT, of=buyer)
    later = [TenderRow.id < before] if before else []
    return await _summaries(tx, [TenderRow.buyer_id == buyer, *later], limit)


async def published(tx: Tx, ids: Iterable[str]) -> dict[str, Summary]:
    """Those of the tenders that are public, by id."""
    where: list[ColumnElement[bool]] = [TenderRow.id.in_(set(ids)), TenderRow.published_at.is_not(None)]
    return {found.id: found for found in await _summaries(tx, where, None)}


async def due(tx: Tx) -> list[str]:
    """Open tenders whose deadline has passed and whose latch is not set yet, by deadline."""
    rows = await tx.session.scalars(
        select(TenderRow.id)
        .where(TenderRow.state == "open", TenderRow.closed_at.is_(None), TenderRow.deadline <= tx.now)
        .order_by(TenderRow.deadline, TenderRow.id)
    )
    return list(rows)


async def latch(tx: Tx, tender_id: str) -> None:
    """Close bidding for good, under the exclusive lock that the caller holds. Refused("not-due")."""
    life.must_be_due(await tender(tx, tender_id), tx.now)
    await tx.session.execute(update(TenderRow).where(TenderRow.id == tender_id).values(closed_at=tx.now))


async def settle(tx: Tx, tender_id: str) -> None:
    """The award is final: from here on the tender cannot be cancelled. Once set it stays."""
    await lock_exclusive(tx, tender_id)
    await tx.session.execute(
        update(TenderRow).where(TenderRow.id == tender_id, TenderRow.settled_at.is_(None)).values(settled_at=tx.now)
    )


async def _summaries(tx: Tx, where: list[ColumnElement[bool]], limit: int | None) -> list[Summary]:
    waiting = select(ExtensionRow.tender_id).where(ExtensionRow.decided_at.is_(None))
    query = select(TenderRow, TenderRow.id.in_(waiting).label("waits")).where(*where)
    rows = await tx.session.execute(query.order_by(TenderRow.id.desc()).limit(limit))
    return [
        Summary(
            id=row.id,
            title=row.title,
            buyer=row.buyer_id,
            phase=bare(row).phase(tx.now),
            value=Money(row.value_amount, row.value_currency),
            deadline=row.deadline,
            submitted_by=row.submitted_by or "",
            extension_waits=waits,
        )
        for row, waits in rows
    ]


async def _row(tx: Tx, tender_id: str) -> TenderRow:
    row = await tx.session.scalar(
        select(TenderRow).where(TenderRow.id == tender_id).execution_options(populate_existing=True)
    )
    if row is None:
        raise unknown("tender")
    return row


async def _lots(tx: Tx, row: TenderRow) -> tuple[Lot, ...]:
    lots = await tx.session.scalars(select(LotRow).where(LotRow.tender_id == row.id).order_by(LotRow.number))
    return tuple(_lot(lot, row.value_currency) for lot in lots)


async def _heading(tx: Tx, row: TenderRow) -> Tender:
    heading = bare(row)
    return msgspec.structs.replace(heading, lots=await _lots(tx, row)) if heading.two_envelopes else heading


async def _whole(tx: Tx, row: TenderRow) -> Tender:
    items = await tx.session.scalars(
        select(ItemRow).join(LotRow, LotRow.id == ItemRow.lot_id).where(ItemRow.tender_id == row.id)
        .order_by(LotRow.number, ItemRow.number)
    )  # fmt: skip
    criteria = await tx.session.scalars(
        select(CriterionRow).where(CriterionRow.tender_id == row.id).order_by(CriterionRow.number)
    )
    documents = await tx.session.scalars(
        select(DocumentRow)
        .where(DocumentRow.tender_id == row.id)
        .order_by(func.lower(DocumentRow.name), DocumentRow.version)
    )
    return msgspec.structs.replace(
        bare(row),
        lots=await _lots(tx, row),
        items=tuple(_item(item) for item in items),
        criteria=tuple(_criterion(criterion) for criterion in criteria),
        documents=tuple(_document(document) for document in documents),
    )


def bare(row: TenderRow) -> Tender:
    """Without lots, items, criteria and documents."""
    return Tender(
        **{name: getattr(row, name) for name in SAME},
        opening_keys=msgspec.convert(row.opening_keys, tuple[SignedOpeningKey, ...] | None),
        buyer=row.buyer_id,
        value=Money(row.value_amount, row.value_currency),
        deposit=None if row.deposit_amount is None else Money(row.deposit_amount, row.value_currency),
        procedure=row.procedure_name,
        procedure_rules=row.procedure,
        rulebook=row.rulebook_id or "",
        submitted_by=row.submitted_by or "",
    )


def _lot(row: LotRow, currency: str) -> Lot:
    value = None if row.value_amount is None else Money(row.value_amount, currency)
    return Lot(id=row.id, number=row.number, title=row.title, description=row.description, value=value)


def _item(row: ItemRow) -> Item:
    names = ("id", "number", "description", "classification_scheme", "classification_id", "classification_description",
             "quantity", "unit", "place")  # fmt: skip
    return Item(lot=row.lot_id, **{name: getattr(row, name) for name in names})


def _criterion(row: CriterionRow) -> Criterion:
    names = ("id", "number", "name", "description", "kind", "weight")
    return Criterion(lot=row.lot_id or "", **{name: getattr(row, name) for name in names})


def _document(row: DocumentRow) -> Document:
    return Document(**{name: getattr(row, name) for name in Document.__struct_fields__})
