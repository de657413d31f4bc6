"""Openings of several tenders at once, for desks."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.opening.rules import Financial, Opening
from procurement.opening.rules.unread import Waiting
from procurement.opening.service.financial.reading import as_financial
from procurement.opening.service.reading import as_opening
from procurement.opening.tables import (
    FinancialOpeningRow,
    OpenedBidRow,
    OpeningRow,
    RecoveryRow,
    ReleasedShareRow,
    SharesGivenRow,
)
from procurement.tenders.rules import Tender

MOST = 50


async def openings_of(tx: Tx, tender_ids: Iterable[str]) -> dict[str, Opening]:
    """The openings that somebody has asked for, by tender."""
    rows = await tx.session.scalars(select(OpeningRow).where(OpeningRow.tender_id.in_(set(tender_ids))))
    return {row.tender_id: as_opening(row) for row in rows}


async def financials_of(tx: Tx, found: Iterable[Tender]) -> dict[str, Financial]:
    """The second openings of those of these tenders whose technical decision was taken, by tender. Where no bid has two
    envelopes, nothing is asked."""
    tender_ids = {tender.id for tender in found if tender.two_envelopes}
    if not tender_ids:
        return {}
    rows = await tx.session.scalars(select(FinancialOpeningRow).where(FinancialOpeningRow.tender_id.in_(tender_ids)))
    return {row.tender_id: as_financial(row) for row in rows}


async def shares_awaited(tx: Tx, member: str) -> dict[str, datetime]:
    """The tenders in which this key holder's shares are wanted and not given yet, or they could not read one of a bid
    that waits for it; and since when."""
    rows = await tx.session.execute(
        select(OpeningRow.tender_id, OpeningRow.shared_at)
        .where(OpeningRow.shared_at.is_not(None), OpeningRow.shown_at.is_(None))
        .where(
            OpeningRow.tender_id.in_(select(ReleasedShareRow.tender_id).where(ReleasedShareRow.member == member)),
            OpeningRow.tender_id.not_in(select(SharesGivenRow.tender_id).where(SharesGivenRow.member == member))
            | OpeningRow.tender_id.in_(select(ReleasedShareRow.tender_id).where(*_unread_by(member))),
        )
    )
    return {tender: since for tender, since in rows if since}


async def to_read_again(tx: Tx, tender_id: str, member: str) -> int:
    """Of how many bids that wait for it this key holder could not read their part."""
    mine = ReleasedShareRow.tender_id == tender_id, *_unread_by(member)
    return await tx.session.scalar(select(func.count()).select_from(ReleasedShareRow).where(*mine)) or 0


def _unread_by(member: str) -> tuple[ColumnElement[bool], ...]:
    waits = RecoveryRow.given_at.is_(None), RecoveryRow.put_out_at.is_(None)
    staged = select(OpenedBidRow.bid_id).where(OpenedBidRow.bid_id == ReleasedShareRow.bid_id)
    waiting = select(RecoveryRow.bid_id).where(*waits)
    return (
        ReleasedShareRow.member == member,
        ReleasedShareRow.unreadable.is_(True),
        ReleasedShareRow.bid_id.in_(waiting),
        ~staged.exists(),
    )


async def unread_bids(tx: Tx, openings: Iterable[Opening]) -> dict[str, Waiting]:
    """By tender: of the bids that too few key holders could read, when the first may be decided about, and who proposed
    to go on without one, if somebody did. Of a bid that opens in this second too."""
    tender_ids = {one.tender for one in openings if one.shared_at and not one.shown_at}
    if not tender_ids:
        return {}
    staged = select(OpenedBidRow.bid_id).where(OpenedBidRow.bid_id == RecoveryRow.bid_id)
    waits = RecoveryRow.given_at.is_(None), RecoveryRow.put_out_at.is_(None), ~staged.exists()
    rows = await tx.session.execute(
        select(RecoveryRow.tender_id, func.min(RecoveryRow.until), func.max(RecoveryRow.proposed_by))
        .where(RecoveryRow.tender_id.in_(tender_ids), *waits)
        .group_by(RecoveryRow.tender_id)
    )
    return {tender: Waiting(until, proposed_by or "") for tender, until, proposed_by in rows}


async def opened_counts(tx: Tx, tender_ids: Iterable[str]) -> dict[str, int]:
    """How many bids were opened in each of these tenders; nothing before they are shown, nor where there are none."""
    rows = await tx.session.execute(
        select(OpenedBidRow.tender_id, func.count())
        .join(OpeningRow, OpeningRow.tender_id == OpenedBidRow.tender_id)
        .where(OpenedBidRow.tender_id.in_(set(tender_ids)), OpeningRow.shown_at.is_not(None))
        .group_by(OpenedBidRow.tender_id)
    )
    return {tender: bids for tender, bids in rows}


async def lately_shown(tx: Tx) -> list[Opening]:
    """What was opened last, in the whole installation: for who reads it as oversight, the latest first."""
    tx.actor.must(P.OPENING_READ, of=tx.actor.organisation)
    query = select(OpeningRow).where(OpeningRow.shown_at.is_not(None))
    return [as_opening(row) for row in await tx.session.scalars(query.order_by(OpeningRow.shown_at.desc()).limit(MOST))]
