"""Openings of several tenders at once, for desks."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.opening.rules import Financial, Opening
from procurement.opening.rules.unread import Waiting
from procurement.opening.service import unread
from procurement.opening.service.acts import FIRST, PRICES, Act, current
from procurement.opening.service.financial.reading import as_financial
from procurement.opening.service.reading import as_opening
from procurement.opening.tables import FinancialOpeningRow, OpenedBidRow, OpeningRow
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
    found: dict[str, datetime] = {}
    for act in (FIRST, PRICES):
        row = act.row
        rows = await tx.session.execute(
            select(row.tender_id, row.shared_at)
            .where(row.shared_at.is_not(None), row.shown_at.is_(None))
            .where(
                row.tender_id.in_(select(act.shares.tender_id).where(act.shares.member == member)),
                row.tender_id.not_in(select(act.given.tender_id).where(act.given.member == member))
                | row.tender_id.in_(select(act.shares.tender_id).where(*_unread_by(member, act))),
            )
        )
        found |= {tender: since for tender, since in rows if since}
    return found


async def to_read_again(tx: Tx, tender_id: str, member: str) -> int:
    """Of how many bids that wait for it this key holder could not read their share."""
    act = await current(tx, tender_id)
    mine = act.shares.tender_id == tender_id, *_unread_by(member, act)
    return await tx.session.scalar(select(func.count()).select_from(act.shares).where(*mine)) or 0


def _unread_by(member: str, act: Act) -> tuple[ColumnElement[bool], ...]:
    waits = act.kits.given_at.is_(None), act.kits.put_out_at.is_(None)
    same = act.opened.bid_id == act.shares.bid_id, act.opened.lot == act.shares.lot
    return (
        act.shares.member == member,
        act.shares.unreadable.is_(True),
        act.dealt.in_(select(act.kits.bid_id, act.kits.lot).where(*waits)),
        ~select(act.opened.bid_id).where(*same).exists(),
    )


async def unread_bids(tx: Tx, openings: Iterable[Opening]) -> dict[str, Waiting]:
    """As `_unread`, of the first opening."""
    return await _unread(tx, openings, FIRST)


async def unread_prices(tx: Tx, openings: Iterable[Financial]) -> dict[str, Waiting]:
    """As `_unread`, of the opening of prices."""
    return await _unread(tx, openings, PRICES)


async def _unread(tx: Tx, openings: Iterable[Opening | Financial], act: Act) -> dict[str, Waiting]:
    """By tender: of the bids that too few key holders opened, when the first may be decided about, and who proposed to
    go on without one, if somebody did."""
    tender_ids = {one.tender for one in openings if one.shared_at and not one.shown_at}
    if not tender_ids:
        return {}
    kits = act.kits
    staged = select(act.opened.bid_id).where(act.opened.bid_id == kits.bid_id, act.opened.lot == kits.lot)
    waits = kits.given_at.is_(None), kits.put_out_at.is_(None), ~staged.exists()
    query = select(kits.tender_id).where(kits.tender_id.in_(tender_ids), *waits).distinct()
    found = {tender: await unread.waiting(tx, tender, act) for tender in await tx.session.scalars(query)}
    return {
        tender: Waiting(min(one.decided_from for one in bids), max(one.proposed_by for one in bids))
        for tender, bids in found.items()
        if bids
    }


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
