"""Where an organisation's bid stands: which version counts, and whether it was withdrawn."""

from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from procurement.bids.tables import Bid, BidWithdrawal
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


class Standing(msgspec.Struct, frozen=True):
    """The latest version an organisation submitted. `withdrawn_at` is set when that version was taken back."""

    bid: str
    version: int
    digest: str
    received_at: datetime
    withdrawn_at: datetime | None


async def my_bid(tx: Tx, tender_id: str) -> Standing | None:
    """The acting organisation's bid for the tender; nothing when it never submitted one."""
    tx.actor.must(P.BID_READ_OWN, of=tx.actor.organisation)
    bid = await latest(tx, tender_id, tx.actor.organisation)
    if bid is None:
        return None
    withdrawn = select(BidWithdrawal.received_at).where(BidWithdrawal.bid_id == bid.id)
    return Standing(bid.id, bid.version, bid.digest, bid.received_at, await tx.session.scalar(withdrawn))


async def my_bids(tx: Tx) -> dict[str, Standing]:
    """tender id -> where the acting organisation's bid stands, for every tender it submitted to."""
    tx.actor.must(P.BID_READ_OWN, of=tx.actor.organisation)
    rows = await tx.session.execute(
        select(Bid, BidWithdrawal.received_at.label("withdrawn_at"))
        .outerjoin(BidWithdrawal, BidWithdrawal.bid_id == Bid.id)
        .where(Bid.supplier_id == tx.actor.organisation)
        .ext(distinct_on(Bid.tender_id))
        .order_by(Bid.tender_id, Bid.version.desc())
    )
    return {
        bid.tender_id: Standing(bid.id, bid.version, bid.digest, bid.received_at, withdrawn_at)
        for bid, withdrawn_at in rows
    }


async def latest(tx: Tx, tender_id: str, supplier: str) -> Bid | None:
    """The highest version, withdrawn or not."""
    of = Bid.tender_id == tender_id, Bid.supplier_id == supplier
    return await tx.session.scalar(select(Bid).where(*of).order_by(Bid.version.desc()).limit(1))
