"""Sealed parts that our storage lost: found at the opening, told to their bidder, deposited again.

A receipt is a right to deposit bytes that match its digest, at any time. The opening waits meanwhile.
"""

from datetime import datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.bids.rules.facts import SealedPartsDeposited, SealedPartsLost
from procurement.bids.service.closing import FinalEnvelope
from procurement.bids.service.kept import NAMED
from procurement.bids.tables import Bid, Bidder, BidFinancial, LostPart
from procurement.infra.files import Files
from procurement.infra.retained import still_named
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import Blob, parse_envelope
from procurement.tenders import service as tenders

KEEPER = system("storage")


class Loss(msgspec.Struct, frozen=True):
    """A part of one's own bid that we no longer have whole; `deposited_at` when we had it again."""

    blob: Blob
    found_at: datetime
    deposited_at: datetime | None


async def note_lost(database: Database, files: Files, bid: FinalEnvelope) -> None:
    """After an opening met a part of this bid that it could not read: look at all of them, and tell the bidder.

    While something already found is missing nothing is looked at again: this is asked each second.
    """
    async with database.begin(KEEPER) as tx:
        if await _waiting(tx, bid.bid_id):
            return
    missing = [blob for blob in parse_envelope(bid.envelope).blobs if not await is_whole(files, blob)]
    if not missing:
        return
    async with database.begin(KEEPER) as tx:
        held = await tx.session.get_one(Bid, bid.bid_id)
        tender = await tenders.tender(tx, held.tender_id)
        tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
        rows = [{"bid_id": held.id, "sha256": b.sha256, "size": b.size, "found_at": tx.now} for b in missing]
        again = {"found_at": tx.now, "deposited_at": None}
        row = insert(LostPart).values(rows)
        await tx.session.execute(row.on_conflict_do_update(index_elements=["bid_id", "sha256"], set_=again))
        fact = SealedPartsLost(tender=tender.id, bid=held.id, supplier=held.supplier_id, parts=len(missing))
        await tx.record(fact, process=tender.ocid, organisation=held.supplier_id)


async def losses(tx: Tx, digest: str) -> list[Loss]:
    """What we lost of one of the acting organisation's bids, and have not yet. Refused("bid-unknown", 404)."""
    bid = await _own(tx, digest)
    rows = await tx.session.scalars(select(LostPart).where(LostPart.bid_id == bid.id).order_by(LostPart.sha256))
    return [Loss(Blob(row.sha256, row.size), row.found_at, row.deposited_at) for row in rows]


async def depositable(tx: Tx, digest: str, sha256: str) -> Blob:
    """The part, as the acknowledged envelope names it. Refused("bid-unknown"), ("part-unknown") (404), and
    ("bid-ended", 410) once the files of bids were erased after their time."""
    bid = await _own(tx, digest)
    tx.actor.must(P.BID_PREPARE, of=bid.supplier_id)
    financial = await tx.session.scalars(select(BidFinancial.envelope).where(BidFinancial.bid_id == bid.id))
    envelopes = [parse_envelope(data) for data in (bid.envelope, *financial)]
    named = {blob.sha256: blob for envelope in envelopes for blob in envelope.blobs}
    if sha256 not in named:
        raise unknown("part")
    kept = still_named(NAMED[0]).subquery()
    owner = f"{bid.tender_id}/{bid.supplier_id}"
    if not await tx.session.scalar(select(kept.c.sha256).where(kept.c.sha256 == sha256, kept.c.owner == owner)):
        raise Refused("bid-ended", "The files of this bid were erased after their time. Its record stays.", status=410)
    return named[sha256]


async def deposited(tx: Tx, digest: str, blob: Blob) -> None:
    """Note that a part is durable again. Twice is once; a part that was never missed changes nothing."""
    bid = await _own(tx, digest)
    tx.actor.must(P.BID_PREPARE, of=bid.supplier_id)
    turn = Bidder.tender_id == bid.tender_id, Bidder.supplier_id == bid.supplier_id
    await tx.session.execute(select(Bidder).where(*turn).with_for_update(key_share=True))  # of two the last one tells
    mine = LostPart.bid_id == bid.id, LostPart.sha256 == blob.sha256, LostPart.deposited_at.is_(None)
    now = await tx.clock()
    found = await tx.session.execute(update(LostPart).where(*mine).values(deposited_at=now).returning(LostPart.sha256))
    if found.first() is None or await _waiting(tx, bid.id):
        return
    tender = await tenders.tender(tx, bid.tender_id)
    fact = SealedPartsDeposited(tender=tender.id, bid=bid.id, supplier=bid.supplier_id)
    await tx.record(fact, process=tender.ocid, organisation=bid.supplier_id)


async def _own(tx: Tx, digest: str) -> Bid:
    bid = await tx.session.scalar(select(Bid).where(Bid.digest == digest))
    if bid is None or not tx.actor.may(P.BID_READ_OWN, of=bid.supplier_id):
        raise unknown("bid")
    return bid


async def _waiting(tx: Tx, bid_id: str) -> bool:
    """Whether something that was found missing still is."""
    missing = select(LostPart.sha256).where(LostPart.bid_id == bid_id, LostPart.deposited_at.is_(None)).limit(1)
    return await tx.session.scalar(missing) is not None


async def is_whole(files: Files, blob: Blob) -> bool:
    """Whether we have every byte of a part, which fits in memory."""
    try:
        data = b"".join([chunk async for chunk in await files.open("sealed", blob.sha256)])
    except Refused as no:
        if no.code != "file-unknown":
            raise
        return False
    return Blob(sha256_hex(data), len(data)) == blob
