"""What bids keep, and until when. Receipts, digests and envelopes stay for ever: they belong to the record."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from procurement.bids.tables import Bid, BidDraft, BidFinancial, BidPart, BidReceipt
from procurement.infra.retained import NamedFile, RecordClass, Rows, row_class, still_named
from procurement.infra.tx import Tx
from procurement.tenders.service import kept as tenders

NAMED: tuple[Rows, ...] = (
    select(
        literal("sealed").label("kind"),
        BidPart.sha256,
        (BidPart.tender_id + "/" + BidPart.supplier_id).label("owner"),
        BidPart.tender_id.label("tender"),
    ),
)


async def every_receipt(session: AsyncSession) -> AsyncIterator[tuple[int, bytes]]:
    """Every receipt as it was handed out, after its record's id: for the drill that verifies all of them."""
    rows = await session.stream(select(BidReceipt.record_id, BidReceipt.body).order_by(BidReceipt.record_id))
    async for row in rows:
        yield row.record_id, row.body


def _drafts_due(cutoff: datetime) -> Any:
    over = tenders.moments()
    ended = exists().where(over.c.id == BidDraft.tender_id, over.c.call_over < cutoff)
    return BidDraft.bid_id.is_(None) & (BidDraft.changed_at < cutoff) & ended


def _parts_due(cutoff: datetime) -> Rows:
    """Parts that no submitted envelope names, once nobody can bid any more. The envelope is JSON that spells them."""
    named, over = still_named(NAMED[0]).subquery(), tenders.moments()
    mine = Bid.tender_id == BidPart.tender_id, Bid.supplier_id == BidPart.supplier_id
    submitted = exists().where(*mine, _spelled_in(Bid.envelope))
    second = exists().where(*mine, BidFinancial.bid_id == Bid.id, _spelled_in(BidFinancial.envelope))
    return (
        select(
            (BidPart.tender_id + "/" + BidPart.supplier_id + "/" + BidPart.sha256).label("id"),
            BidPart.tender_id.label("process"),
            BidPart.supplier_id.label("organisation"),
            literal("").label("person"),
        )
        .join(named, (named.c.sha256 == BidPart.sha256) & (named.c.tender == BidPart.tender_id))
        .join(over, over.c.id == BidPart.tender_id)
        .where(over.c.call_over < cutoff, BidPart.stored_at < cutoff, ~submitted, ~second)
    )


def _spelled_in(envelope: InstrumentedAttribute[bytes]) -> ColumnElement[bool]:
    return func.position(func.convert_to(BidPart.sha256, "UTF8").op("IN")(envelope)) > 0


async def _erase_parts(tx: Tx, ids: Sequence[str]) -> list[NamedFile]:
    """The rows stay, as what was once stored; the bytes go."""
    split = [id_.rsplit("/", 1) for id_ in ids]
    return [NamedFile("sealed", sha256, owner) for owner, sha256 in split]


RETAINED = (
    row_class(
        "bid-drafts",
        BidDraft,
        BidDraft.id,
        _drafts_due,
        legal=True,
        process=BidDraft.tender_id,
        organisation=BidDraft.supplier_id,
        person=BidDraft.started_by,
    ),
    RecordClass("unsubmitted-parts", _parts_due, _erase_parts, legal=True),
)
