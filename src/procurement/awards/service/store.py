"""Awards as the rules look at them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from procurement.awards.rules import Award, Hold
from procurement.awards.tables import AwardRow, HoldRow
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.refusal import unknown
from procurement.tenders import service as tenders


async def standing(tx: Tx, tender_id: str) -> tuple[Award, ...]:
    """Every proposal and award of a tender that was not sent back, oldest first. Not for the public."""
    rows = await tx.session.scalars(
        select(AwardRow)
        .where(AwardRow.tender_id == tender_id, AwardRow.returned_at.is_(None))
        .order_by(AwardRow.proposed_at, AwardRow.id)
        .execution_options(populate_existing=True)
    )
    return await _values(tx, rows.all())


async def standing_of(tx: Tx, tender_ids: Iterable[str]) -> dict[str, tuple[Award, ...]]:
    """The same for several tenders, by id; those that have any."""
    rows = await tx.session.scalars(
        select(AwardRow)
        .where(AwardRow.tender_id.in_(set(tender_ids)), AwardRow.returned_at.is_(None))
        .order_by(AwardRow.proposed_at, AwardRow.id)
    )
    found: dict[str, tuple[Award, ...]] = {}
    for award in await _values(tx, rows.all()):
        found[award.tender] = (*found.get(award.tender, ()), award)
    return found


async def find(tx: Tx, award_id: str) -> Award:
    """One award, whoever asks. Refused("award-unknown", 404)."""
    row = await tx.session.get(AwardRow, award_id, populate_existing=True)
    if row is None or row.returned_at is not None:
        raise unknown("award")
    return await value(tx, row)


async def must_be_of(tx: Tx, award_id: str, tender_id: str) -> None:
    """An address that names a tender and an award names both rightly. Refused("award-unknown", 404)."""
    if (await find(tx, award_id)).tender != tender_id:
        raise unknown("award")


async def lock(tx: Tx, award_id: str) -> AwardRow:
    """The row of an award, held until this transaction ends: of two who decide at once, one waits and then sees it."""
    row = await tx.session.get(AwardRow, award_id, with_for_update=True, populate_existing=True)
    if row is None or row.returned_at is not None:
        raise unknown("award")
    await tx.clock()
    return row


async def lock_all(tx: Tx, tender_id: str) -> None:
    """Every award of a tender, and the making of others: held until this transaction ends."""
    await tenders.lock_exclusive(tx, tender_id)
    await tx.session.execute(
        select(AwardRow.id).where(AwardRow.tender_id == tender_id).order_by(AwardRow.id).with_for_update()
    )


async def value(tx: Tx, row: AwardRow) -> Award:
    [award] = await _values(tx, [row])
    return award


async def _values(tx: Tx, rows: Sequence[AwardRow]) -> tuple[Award, ...]:
    """With their holds, in two queries however many there are."""
    holds: dict[str, list[Hold]] = {}
    for hold in await tx.session.scalars(
        select(HoldRow)
        .where(HoldRow.award_id.in_([row.id for row in rows]))
        .order_by(HoldRow.placed_at, HoldRow.id)
        .execution_options(populate_existing=True)
    ):
        holds.setdefault(hold.award_id, []).append(Hold(hold.id, hold.reason, hold.placed_at, hold.lifted_at))
    return tuple(_value(row, tuple(holds.get(row.id, ()))) for row in rows)


def _value(row: AwardRow, holds: tuple[Hold, ...]) -> Award:
    price = None
    if row.price_amount is not None and row.price_currency is not None:
        price = Money(row.price_amount, row.price_currency)
    return Award(
        id=row.id,
        tender=row.tender_id,
        lot=row.lot,
        supplier=row.supplier_id or "",
        bid=row.bid_id or "",
        price=price,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        approved_by=row.approved_by or "",
        announced_at=row.announced_at,
        standstill_ends=row.standstill_ends,
        reasons=row.reasons,
        holds=holds,
    )
