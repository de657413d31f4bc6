"""A whole draft at once: what pages do step by step, without reading the draft again for each row."""

from sqlalchemy import delete, true

from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.tenders.rules import inputs
from procurement.tenders.rules.whole import NewLot, NewTender, criterion_input, item_input
from procurement.tenders.service import drafting
from procurement.tenders.service.reading import tender
from procurement.tenders.tables import CriterionRow, ItemRow, LotRow


async def create_whole(tx: Tx, whole: NewTender, *, ocid_prefix: str) -> str:
    """A draft of the organisation acted for; returns its id. Refused("form-invalid") names what is wrong."""
    new = inputs.New(title=whole.title, category=whole.category)
    tender_id = await drafting.create(tx, new, ocid_prefix=ocid_prefix)
    await _fill(tx, tender_id, whole)
    return tender_id


async def replace_whole(tx: Tx, tender_id: str, whole: NewTender) -> None:
    """Write a draft anew; its documents stay. Refused("not-a-draft"), ("form-invalid") names what is wrong."""
    draft = await drafting.editable(tx, tender_id)
    others = LotRow.id != draft.lots[0].id
    for table, where in ((ItemRow, true()), (CriterionRow, true()), (LotRow, others)):
        await tx.session.execute(delete(table).where(table.tender_id == tender_id, where))
    await _fill(tx, tender_id, whole)


async def _fill(tx: Tx, tender_id: str, whole: NewTender) -> None:
    """Everything of a draft that has one lot and nothing in it."""
    about = inputs.About(
        title=whole.title,
        category=whole.category,
        description=whole.description,
        value=whole.value,
        contract_terms=whole.contract_terms,
        deposit=whole.deposit,
        procedure=whole.procedure,
    )
    await drafting.save_about(tx, tender_id, about)
    await drafting.choose_award_method(tx, tender_id, whole.award_method)
    await drafting.set_deadline(tx, tender_id, whole.deadline)
    lot_ids = await _add_lots(tx, tender_id, whole.lots)
    for number, criterion in enumerate(whole.criteria, start=1):
        row = CriterionRow(id=new_id(), tender_id=tender_id, number=number)
        drafting.fill_criterion(row, criterion_input(criterion, lot_ids))
        tx.session.add(row)
    await tx.session.flush()


async def _add_lots(tx: Tx, tender_id: str, lots: list[NewLot]) -> list[str]:
    """The draft has its first lot already; returns the ids in order."""
    draft = await tender(tx, tender_id)
    first, *others = lots
    basics = inputs.LotInput(title=first.title, description=first.description, value=first.value)
    ids = [await drafting.save_lot(tx, tender_id, basics, draft.lots[0].id)]
    for number, lot in enumerate(others, start=2):
        value = inputs.value(lot.value, draft.value.currency)
        row = LotRow(
            id=new_id(),
            tender_id=tender_id,
            number=number,
            title=lot.title,
            description=lot.description,
            value_amount=value.amount if value else None,
        )
        tx.session.add(row)
        ids.append(row.id)
    await tx.session.flush()  # lots first: rows without relationships are written in any order
    numbered = [(lot_id, item) for lot_id, lot in zip(ids, lots, strict=True) for item in lot.items]
    for number, (lot_id, item) in enumerate(numbered, start=1):
        line = ItemRow(id=new_id(), tender_id=tender_id, number=number)
        drafting.fill_item(line, item_input(item, lot_id))
        tx.session.add(line)
    return ids
