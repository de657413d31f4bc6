"""Where an organisation's own bids stand: which version counts, whether it was withdrawn, what is not submitted."""

from datetime import datetime

import msgspec
from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, defer

from procurement.bids.tables import Bid, BidDraft, BidWithdrawal
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P

MOST = 50  # bids or drafts in a list


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
    """tender id -> where the acting organisation's bid stands, for the tenders it submitted to last."""
    tx.actor.must(P.BID_READ_OWN, of=tx.actor.organisation)
    later = aliased(Bid)
    same = later.tender_id == Bid.tender_id, later.supplier_id == Bid.supplier_id
    rows = await tx.session.execute(
        select(
            Bid.tender_id,
            Bid.id,
            Bid.version,
            Bid.digest,
            Bid.received_at,
            BidWithdrawal.received_at.label("withdrawn_at"),
        )
        .outerjoin(BidWithdrawal, BidWithdrawal.bid_id == Bid.id)
        .where(Bid.supplier_id == tx.actor.organisation, ~exists().where(*same, later.version > Bid.version))
        .order_by(Bid.received_at.desc())
        .limit(MOST)
    )
    return {row.tender_id: Standing(row.id, row.version, row.digest, row.received_at, row.withdrawn_at) for row in rows}


async def my_drafts(tx: Tx) -> dict[str, datetime]:
    """tender id -> when the acting organisation's draft was last changed, for drafts that became no bid, latest first.

    Also of bids that a device seals, whose lock is kept here; what a program prepares on its own is not known before it
    is submitted.
    """
    tx.actor.must(P.BID_READ_OWN, of=tx.actor.organisation)
    rows = await tx.session.execute(
        select(BidDraft.tender_id, BidDraft.changed_at)
        .where(BidDraft.supplier_id == tx.actor.organisation, BidDraft.bid_id.is_(None))
        .order_by(BidDraft.changed_at.desc())
        .limit(MOST)
    )
    return {row.tender_id: row.changed_at for row in rows}


async def latest(tx: Tx, tender_id: str, supplier: str) -> Bid | None:
    """The highest version, withdrawn or not, without its envelope, which may be long."""
    of = Bid.tender_id == tender_id, Bid.supplier_id == supplier
    short = select(Bid).options(defer(Bid.envelope, raiseload=True))
    return await tx.session.scalar(short.where(*of).order_by(Bid.version.desc()).limit(1))


async def withdrawn_now(tx: Tx, tender_id: str, supplier: str) -> bool:
    """Whether the latest version was taken back, so that no bid of theirs counts. For jobs."""
    bid = await latest(tx, tender_id, supplier)
    if bid is None:
        return False
    return await tx.session.scalar(select(BidWithdrawal.bid_id).where(BidWithdrawal.bid_id == bid.id)) is not None
