"""Drafting: everything that may change until the tender is submitted. Draft saves are not facts."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import invalid, unknown
from procurement.rulebooks import service as rulebooks
from procurement.rulebooks.rules import Rulebook
from procurement.tenders.rules import inputs, life
from procurement.tenders.rules.deposit import allowed_deposit
from procurement.tenders.rules.model import Tender
from procurement.tenders.service.reading import lock_exclusive, tender
from procurement.tenders.tables import CriterionRow, ItemRow, LotRow, TenderNumber, TenderRow

Row = TypeVar("Row", LotRow, ItemRow, CriterionRow)


async def create(tx: Tx, new: inputs.New, *, ocid_prefix: str) -> str:
    """Begin a draft for the organisation acted for, with one lot of the same title; returns the tender's id."""
    tx.actor.must(P.TENDER_DRAFT, of=tx.actor.organisation)
    await identity.must_not_be_merged(tx, tx.actor.organisation)
    rulebook = await rulebooks.active(tx)
    tender_id = await _next_id(tx, rulebook)
    values = dict.fromkeys(
        ("revision_hash", "description", "contract_terms", "rulebook_sha256", "seal_level", "keyholder_recipient",
         "returned_reason", "cancel_reason"), ""
    )  # fmt: skip
    tx.session.add(
        TenderRow(
            **values,
            id=tender_id,
            ocid=f"{ocid_prefix}-{tender_id}",
            buyer_id=tx.actor.organisation,
            state="draft",
            revision=0,
            title=new.title,
            category=new.category,
            value_amount=0,
            value_currency=rulebook.currency,
            procedure_name=next(iter(rulebook.procedures)),
            procedure={},
            award_method=next(iter(rulebook.award_methods)),
            created_by=tx.actor.person,
            created_at=tx.now,
        )
    )
    await tx.session.flush()
    tx.session.add(LotRow(id=new_id(), tender_id=tender_id, number=1, title=new.title, description=""))
    await tx.session.flush()
    return tender_id


async def save_about(tx: Tx, tender_id: str, about: inputs.About) -> None:
    """Refused("form-invalid") for a value that is no amount, or a deposit or procedure that the rulebook in force does
    not allow."""
    draft, rulebook = await editable(tx, tender_id), await rulebooks.active(tx)
    procedure = about.procedure or draft.procedure
    if about.procedure and procedure not in rulebook.procedures:
        raise invalid("Choose a procedure that the rulebook allows.", procedure="Choose one of the answers.")
    value = inputs.value(about.value, draft.value.currency)
    asked = inputs.value(about.deposit, draft.value.currency, "deposit")
    deposit = allowed_deposit(asked, value, rulebook)
    await _set(
        tx,
        tender_id,
        title=about.title,
        category=about.category,
        description=about.description,
        contract_terms=about.contract_terms,
        procedure_name=procedure,
        value_amount=value.amount if value else 0,
        deposit_amount=deposit.amount if deposit else None,
    )


async def save_lot(tx: Tx, tender_id: str, lot: inputs.LotInput, lot_id: str = "") -> str:
    """Add a lot, or change the one named; returns its id. Refused("lot-unknown", 404)."""
    draft = await editable(tx, tender_id)
    value = inputs.value(lot.value, draft.value.currency)
    row = await _row(tx, LotRow, draft, lot_id) or await _added(tx, LotRow, draft)
    row.title, row.description, row.value_amount = lot.title, lot.description, value.amount if value else None
    await tx.session.flush()
    return row.id


async def remove_lot(tx: Tx, tender_id: str, lot_id: str) -> None:
    """With its items and its own criteria. Refused("form-invalid") for the last one, ("lot-unknown", 404)."""
    draft = await editable(tx, tender_id)
    if len(draft.lots) == 1:
        raise invalid("A tender has at least one lot. Change this one instead.")
    for table in (ItemRow, CriterionRow):
        await tx.session.execute(delete(table).where(table.tender_id == tender_id, table.lot_id == lot_id))
    await _remove(tx, LotRow, draft, lot_id)


async def save_item(tx: Tx, tender_id: str, item: inputs.ItemInput, item_id: str = "") -> str:
    """Add an item to its lot, or change the one named; returns its id. Refused("form-invalid"), ("item-unknown")."""
    draft = await editable(tx, tender_id)
    _must_be_lot(draft, item.lot)
    row = await _row(tx, ItemRow, draft, item_id) or await _added(tx, ItemRow, draft, lot_id=item.lot)
    fill_item(row, item)
    await tx.session.flush()
    return row.id


async def remove_item(tx: Tx, tender_id: str, item_id: str) -> None:
    """Refused("item-unknown", 404)."""
    await _remove(tx, ItemRow, await editable(tx, tender_id), item_id)


async def choose_award_method(tx: Tx, tender_id: str, method: str) -> None:
    """Refused("form-invalid") for a method that the rulebook in force does not know."""
    await editable(tx, tender_id)
    if method not in (await rulebooks.active(tx)).award_methods:
        raise invalid("Choose how the award is decided.", award_method="Choose one of the answers.")
    await _set(tx, tender_id, award_method=method)


async def save_criterion(tx: Tx, tender_id: str, criterion: inputs.CriterionInput, criterion_id: str = "") -> str:
    """Add a criterion, or change the one named; returns its id. Refused("form-invalid"), ("criterion-unknown")."""
    draft = await editable(tx, tender_id)
    if criterion.lot:
        _must_be_lot(draft, criterion.lot)
    row = await _row(tx, CriterionRow, draft, criterion_id) or await _added(tx, CriterionRow, draft)
    fill_criterion(row, criterion)
    await tx.session.flush()
    return row.id


async def remove_criterion(tx: Tx, tender_id: str, criterion_id: str) -> None:
    """Refused("criterion-unknown", 404)."""
    await _remove(tx, CriterionRow, await editable(tx, tender_id), criterion_id)


async def set_deadline(tx: Tx, tender_id: str, deadline: datetime) -> None:
    """Until when bids are taken, and what the rulebook computes from it. Whether it is late enough is asked later."""
    await editable(tx, tender_id)
    await _set(tx, tender_id, deadline=deadline)


async def editable(tx: Tx, tender_id: str) -> Tender:
    """The draft, locked, if this person may change it. Refused ("not-permitted"), ("not-a-draft")."""
    await lock_exclusive(tx, tender_id)
    draft = await tender(tx, tender_id)
    tx.actor.must(P.TENDER_DRAFT, of=draft.buyer)
    life.must_be_draft(draft)
    return draft


def fill_item(row: ItemRow, item: inputs.ItemInput) -> None:
    """Refused("form-invalid") for a wrong code or quantity."""
    inputs.must_be_countable(item)
    row.lot_id, row.description, row.quantity, row.unit = item.lot, item.description, item.quantity, item.unit
    row.classification_scheme, row.classification_id = item.classification_scheme, item.classification_id
    row.classification_description, row.place = item.classification_description, item.place


def fill_criterion(row: CriterionRow, criterion: inputs.CriterionInput) -> None:
    """Refused("form-invalid") for a wrong weight."""
    inputs.must_be_weighable(criterion)
    row.lot_id, row.name, row.description = criterion.lot or None, criterion.name, criterion.description
    row.kind, row.weight = criterion.kind, criterion.weight


async def _next_id(tx: Tx, rulebook: Rulebook) -> str:
    """The next reference of the official year: "2026-0418"."""
    year = tx.now.astimezone(rulebook.zone).year
    last = await tx.session.scalar(
        insert(TenderNumber)
        .values(year=year, last=1)
        .on_conflict_do_update(index_elements=[TenderNumber.year], set_={"last": TenderNumber.last + 1})
        .returning(TenderNumber.last)
    )
    return f"{year}-{last:04d}"


async def _set(tx: Tx, tender_id: str, **values: object) -> None:
    await tx.session.execute(update(TenderRow).where(TenderRow.id == tender_id).values(**values))


async def _row(tx: Tx, table: type[Row], draft: Tender, row_id: str) -> Row | None:
    """The draft's own row of that id, None when no id is given."""
    if not row_id:
        return None
    row = await tx.session.get(table, row_id)
    if row is None or row.tender_id != draft.id:
        raise unknown(str(table.__tablename__))
    return row


async def _added(tx: Tx, table: type[Row], draft: Tender, **values: object) -> Row:
    """A new row at the end, not yet filled in."""
    last = await tx.session.scalar(select(func.max(table.number)).where(table.tender_id == draft.id))
    row = table(id=new_id(), tender_id=draft.id, number=(last or 0) + 1, **values)
    tx.session.add(row)
    return row


async def _remove(tx: Tx, table: type[Row], draft: Tender, row_id: str) -> None:
    row = await _row(tx, table, draft, row_id)
    if row is None:
        raise unknown(str(table.__tablename__))
    await tx.session.delete(row)
    await tx.session.flush()


def _must_be_lot(draft: Tender, lot_id: str) -> None:
    if draft.lot(lot_id) is None:
        raise invalid("Choose a lot.", lot="Choose one of this tender's lots.")
