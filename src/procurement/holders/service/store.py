"""Rows as the values that rules speak of, and the locks that their writers share."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select, text

from procurement.holders.rules.model import Chosen, Holder, Seat
from procurement.holders.tables import HolderRow, RosterRow, SeatRow
from procurement.infra.tx import Tx
from procurement.kernel.refusal import unknown

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('roster:' || :subject, 0))")


def holder(row: HolderRow) -> Holder:
    same = {name: getattr(row, name) for name in Holder.__struct_fields__ if name != "person"}
    return Holder(person=row.person_id, **same)


async def lock_holder(tx: Tx, holder_id: str) -> HolderRow:
    """The key's row, alone. Refused("key-holder-unknown", 404)."""
    row = await tx.session.scalar(
        select(HolderRow).where(HolderRow.id == holder_id).with_for_update().execution_options(populate_existing=True)
    )
    if row is None:
        raise unknown("key-holder")
    return row


async def lock_roster(tx: Tx, subject: str) -> None:
    """Who chooses, signs or freezes a roster holds this, alone, until the transaction ends."""
    await tx.session.execute(LOCK, {"subject": subject})


async def holders(tx: Tx, ids: Iterable[str]) -> dict[str, Holder]:
    rows = await tx.session.scalars(
        select(HolderRow).where(HolderRow.id.in_(set(ids))).execution_options(populate_existing=True)
    )
    return {row.id: holder(row) for row in rows}


async def rosters(tx: Tx, *where: ColumnElement[bool], limit: int | None = None) -> list[Chosen]:
    """Whole rosters in three queries, however many: the nearest opening first, then the newest."""
    query = select(RosterRow).where(*where).order_by(RosterRow.opening_at, RosterRow.asked_at.desc()).limit(limit)
    rows = (await tx.session.scalars(query.execution_options(populate_existing=True))).all()
    seats = (
        await tx.session.scalars(
            select(SeatRow)
            .where(SeatRow.subject.in_({row.subject for row in rows}))
            .order_by(SeatRow.subject, SeatRow.place)
            .execution_options(populate_existing=True)
        )
    ).all()
    known = await holders(tx, {seat.holder_id for seat in seats})
    return [_chosen(row, [seat for seat in seats if seat.subject == row.subject], known) for row in rows]


def _chosen(row: RosterRow, seats: Sequence[SeatRow], known: dict[str, Holder]) -> Chosen:
    same = {name: getattr(row, name) for name in Chosen.__struct_fields__ if name != "seats"}
    taken = tuple(
        Seat(place=seat.place, holder=known[seat.holder_id], signature=seat.signature, signed_at=seat.signed_at)
        for seat in seats
    )
    return Chosen(**same, seats=taken)
