"""What the jobs of later stages may ask before the opening: whose inbox concerns a tender. Nobody else may.

Who has a draft or a sealed bid is sealed like the bids. A job may know it to tell those organisations, and them alone.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import exists, select

from procurement.bids.tables import Bid, Bidder, BidDraft
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused


class Unsubmitted(msgspec.Struct, frozen=True):
    """A draft that is kept here and is no bid yet. `stands`: an earlier version was submitted and counts, or was
    withdrawn."""

    tender: str
    supplier: str
    stands: bool


async def concerned(tx: Tx, tender_id: str) -> list[str]:
    """Everybody with a draft or a bid, withdrawn ones too, by id. Refused("not-permitted", 403) for people."""
    _must_be_a_job(tx)
    rows = select(Bidder.supplier_id).where(Bidder.tender_id == tender_id).order_by(Bidder.supplier_id)
    return list(await tx.session.scalars(rows))


async def unsubmitted(tx: Tx, tender_ids: Iterable[str]) -> list[Unsubmitted]:
    """The drafts for these tenders that became no bid. Refused("not-permitted", 403) for people."""
    _must_be_a_job(tx)
    earlier = exists().where(Bid.tender_id == BidDraft.tender_id, Bid.supplier_id == BidDraft.supplier_id)
    rows = await tx.session.execute(
        select(BidDraft.tender_id, BidDraft.supplier_id, earlier.label("stands"))
        .where(BidDraft.tender_id.in_(set(tender_ids)), BidDraft.bid_id.is_(None))
        .order_by(BidDraft.tender_id, BidDraft.supplier_id)
    )
    return [Unsubmitted(row.tender_id, row.supplier_id, row.stands) for row in rows]


def _must_be_a_job(tx: Tx) -> None:
    if not tx.actor.system:
        raise Refused("not-permitted", "Nobody may ask before the opening who bids.", status=403)
