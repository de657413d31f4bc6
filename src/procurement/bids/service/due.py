"""What the jobs of later stages may ask before the opening: whose inbox concerns a tender. Nobody else may.

Who has a draft or a sealed bid is sealed like the bids. A job may know it to tell those organisations, and them alone.
"""

from collections.abc import Iterable

import msgspec
from sqlalchemy import exists, select, union

from procurement.bids.tables import Bid, Bidder, BidDraft, BidPart
from procurement.infra.tx import Tx
from procurement.kernel.refusal import Refused


class Unsubmitted(msgspec.Struct, frozen=True):
    """What was prepared and is no bid yet: a draft that is kept here, or sealed parts that were uploaded. `stands`: an
    earlier version was submitted and counts, or was withdrawn."""

    tender: str
    supplier: str
    stands: bool


async def concerned(tx: Tx, tender_id: str) -> list[str]:
    """Everybody with a draft or a bid, withdrawn ones too, by id. Refused("not-permitted", 403) for people."""
    _must_be_a_job(tx)
    rows = select(Bidder.supplier_id).where(Bidder.tender_id == tender_id).order_by(Bidder.supplier_id)
    return list(await tx.session.scalars(rows))


async def unsubmitted(tx: Tx, tender_ids: Iterable[str]) -> list[Unsubmitted]:
    """The drafts for these tenders that became no bid, and who uploaded sealed parts after its last bid and did not
    submit them. Refused("not-permitted", 403) for people."""
    _must_be_a_job(tx)
    wanted = set(tender_ids)
    drafts = select(BidDraft.tender_id, BidDraft.supplier_id).where(
        BidDraft.tender_id.in_(wanted), BidDraft.bid_id.is_(None)
    )
    later = exists().where(
        Bid.tender_id == BidPart.tender_id, Bid.supplier_id == BidPart.supplier_id, Bid.received_at > BidPart.stored_at
    )
    uploads = select(BidPart.tender_id, BidPart.supplier_id).where(BidPart.tender_id.in_(wanted), ~later)
    found = union(drafts, uploads).subquery()
    stands = exists().where(Bid.tender_id == found.c.tender_id, Bid.supplier_id == found.c.supplier_id)
    rows = await tx.session.execute(
        select(found.c.tender_id, found.c.supplier_id, stands.label("stands")).order_by(
            found.c.tender_id, found.c.supplier_id
        )
    )
    return [Unsubmitted(row.tender_id, row.supplier_id, row.stands) for row in rows]


def _must_be_a_job(tx: Tx) -> None:
    if not tx.actor.system:
        raise Refused("not-permitted", "Nobody may ask before the opening who bids.", status=403)
