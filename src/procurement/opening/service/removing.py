"""What was already decrypted of a tender that is cancelled before anybody saw it: removed, and the removal recorded.

The same step removes all and says so, so whatever dies in between begins again: files that are gone stay gone, and rows
name them until the last one is.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, exists, func, select

from procurement.infra.files import Files
from procurement.infra.retained import ALONE, still_named
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.opening.rules import StagedRemoved
from procurement.opening.service import joining
from procurement.opening.service.acts import PRICES
from procurement.opening.service.kept import NAMED
from procurement.opening.tables import (
    DocumentScanRow,
    OpenedBidRow,
    OpenedDocumentRow,
    OpenedPriceRow,
    OpeningRow,
    StagedRemovalRow,
)
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender

# A file written since may be one of another opening, with the same bytes, that is about to name it.
JUST_NOW = timedelta(seconds=10)  # while no other opening is under way
LATELY = timedelta(hours=1)  # while one is: longer than a bid takes to be opened


async def remove(tx: Tx, files: Files, tender: Tender) -> None:
    """Forget what was given, and remove what was staged; the next time what could not go yet. Waits while a backup is
    made."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    await tenders.lock_exclusive(tx, tender.id)
    await joining.forget(tx, tender)
    if await tx.session.get(StagedRemovalRow, tender.id) or not await tx.session.scalar(ALONE):
        return
    mine = select(OpenedBidRow.bid_id).where(OpenedBidRow.tender_id == tender.id)
    hashes = set(await tx.session.scalars(select(OpenedDocumentRow.sha256).where(OpenedDocumentRow.bid_id.in_(mine))))
    if await _gone(tx, files, tender.id, hashes - await _named_elsewhere(tx, tender.id, hashes)):
        await _forget_rows(tx, tender)


async def remove_prices(tx: Tx, tender: Tender) -> None:
    """The same of prices that nobody saw, after the first opening: no file goes with them."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    await tenders.lock_exclusive(tx, tender.id)
    await joining.forget(tx, tender, PRICES)
    if await tx.session.get(StagedRemovalRow, tender.id):
        return
    mine = delete(OpenedPriceRow).where(OpenedPriceRow.tender_id == tender.id)
    prices = len(list(await tx.session.scalars(mine.returning(OpenedPriceRow.bid_id))))
    tx.session.add(StagedRemovalRow(tender_id=tender.id, bids=prices, documents=0, removed_at=await tx.clock()))
    if prices:
        await tx.record(StagedRemoved(tender=tender.id), process=tender.ocid, organisation=tender.buyer)


async def _gone(tx: Tx, files: Files, tender_id: str, hashes: set[str]) -> bool:
    """Whether the last of these files is gone."""
    before = tx.real_now - (LATELY if await _others(tx, tender_id) else JUST_NOW)
    for sha256 in sorted(hashes):
        await files.forget("opened", sha256, before=before)
    return not any([await files.has("opened", sha256) for sha256 in hashes])


async def _forget_rows(tx: Tx, tender: Tender) -> None:
    mine = select(OpenedBidRow.bid_id).where(OpenedBidRow.tender_id == tender.id).scalar_subquery()
    counted = {}
    for table in (DocumentScanRow, OpenedDocumentRow, OpenedBidRow):
        rows = await tx.session.scalars(delete(table).where(table.bid_id.in_(mine)).returning(table.bid_id))
        counted[table] = len(list(rows))
    row = StagedRemovalRow(
        tender_id=tender.id,
        bids=counted[OpenedBidRow],
        documents=counted[OpenedDocumentRow],
        removed_at=await tx.clock(),
    )
    tx.session.add(row)
    if row.bids:
        await tx.record(StagedRemoved(tender=tender.id), process=tender.ocid, organisation=tender.buyer)


async def _named_elsewhere(tx: Tx, tender_id: str, hashes: Sequence[str] | set[str]) -> set[str]:
    """Those of the files that another tender's bids keep too."""
    rows = still_named(NAMED[0]).subquery()
    others = rows.c.kind == "opened", rows.c.tender != tender_id, rows.c.sha256.in_(hashes)
    return set(await tx.session.scalars(select(rows.c.sha256).where(*others)))


async def _others(tx: Tx, tender_id: str) -> bool:
    """Whether another opening is under way."""
    running = OpeningRow.confirmed_at.is_not(None), OpeningRow.shown_at.is_(None), OpeningRow.tender_id != tender_id
    removed = exists().where(StagedRemovalRow.tender_id == OpeningRow.tender_id)
    return bool(await tx.session.scalar(select(func.count()).select_from(OpeningRow).where(*running, ~removed)))
