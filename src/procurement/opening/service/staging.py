"""One bid: decrypted in a child process, checked, and kept until all are shown.

A bid that is wrong in itself is staged with its problem; one bad bid never stops the others. What fails through our own
fault is raised, waits, and is tried again.
"""

from collections.abc import AsyncIterator

import msgspec
from sqlalchemy import null, update
from sqlalchemy.dialects.postgresql import insert

from procurement.bids import service as bids
from procurement.bids.rules.prices import must_add_up
from procurement.bids.service import FinalEnvelope
from procurement.infra.files import Files, Stored
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import parse_envelope
from procurement.opening.tables import (
    KitRow,
    OpenedBidRow,
    OpenedDocumentRow,
    RecoveryRow,
    ReleasedShareRow,
    ShareRow,
    StagedRemovalRow,
)
from procurement.opening.unseal.frames import Contents, Job
from procurement.opening.unseal.parent import ChildDied, unseal
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender

TRIES = 2  # of a child that a bid breaks; then it cannot be read
LOST = frozenset({"file-unknown", "part-differs"})  # a sealed part is not there, or not whole
OURS = LOST | {"unavailable", "storage-full", "not-released", "opening-unknown", "roster-differs", "unconfined"}

Opened = tuple[Contents, list[Stored]] | Refused


async def open_bid(files: Files, tender: Tender, bid: FinalEnvelope, identity: str) -> Opened:
    """What was inside, or the refusal that the bid itself deserves. Raises what is our own fault."""

    async def sealed(sha256: str) -> AsyncIterator[bytes]:
        async for chunk in await bids.blob(files, sha256):
            yield chunk

    try:
        job = _job(tender, bid, identity)
        for _ in range(TRIES):
            try:
                contents, stored = await unseal(job, sealed, files)
            except ChildDied:
                continue
            if contents.prices is not None:
                must_add_up(tender, contents.prices)
            return contents, stored
    except Refused as no:
        if no.code in OURS:
            raise
        return no
    return Refused("bid-unreadable", "This bid could not be read within the limits of memory and time.", status=422)


def _job(tender: Tender, bid: FinalEnvelope, identity: str) -> Job:
    """What the child is told: a financial envelope of one lot prices that lot and no other."""
    envelope = parse_envelope(bid.envelope)
    lots = (bid.lot,) if bid.lot else tuple(lot.id for lot in tender.lots)
    return Job(
        identity=identity,
        recipient=envelope.recipient,
        blobs=envelope.blobs,
        tender=tender.id,
        revision=envelope.revision,
        kind=envelope.kind,
        round=envelope.round,
        supplier=bid.supplier,
        version=bid.version,
        currency=tender.value.currency,
        lots=lots,
        items=tuple(item.id for item in tender.items if item.lot in lots),
    )


async def stage(tx: Tx, tender: Tender, bid: FinalEnvelope, opened: Opened) -> bool:
    """Keep what was found. A second worker that found the same changes nothing. What was given to open it is gone.

    False when the tender was cancelled meanwhile: there is no need to open more.
    """
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    await tenders.lock_shared(tx, tender.id)  # nobody cancels it, or removes what is staged, meanwhile
    if await tx.session.get(StagedRemovalRow, tender.id):
        return False
    await forget_keys(tx, ReleasedShareRow, RecoveryRow, bid)
    await _keep(tx, tender, bid, opened)
    return (await tenders.tender(tx, tender.id)).cancelled_at is None


async def forget_keys(tx: Tx, shares: type[ShareRow], kits: type[KitRow], bid: FinalEnvelope) -> None:
    """Neither the shares nor the bidder's own key are needed again."""
    given = shares.bid_id == bid.bid_id, shares.lot == bid.lot, shares.given.is_not(None)
    await tx.session.execute(update(shares).where(*given).values(given=None))
    own = kits.bid_id == bid.bid_id, kits.lot == bid.lot, kits.identity.is_not(None)
    await tx.session.execute(update(kits).where(*own).values(identity=None))


async def _keep(tx: Tx, tender: Tender, bid: FinalEnvelope, opened: Opened) -> None:
    refused = opened if isinstance(opened, Refused) else None
    values = {
        "bid_id": bid.bid_id, "tender_id": tender.id, "supplier_id": bid.supplier, "version": bid.version,
        "digest": bid.digest, "received_at": bid.received_at, "record_id": bid.record_id, "staged_at": tx.now,
        "prices": null(), "problem_code": refused.code if refused else "",
        "problem": refused.detail.replace("\0", "") if refused else "",
    }  # fmt: skip
    if not isinstance(opened, Refused) and opened[0].prices is not None:
        values["prices"] = msgspec.to_builtins(opened[0].prices)
    made = insert(OpenedBidRow).values(**values).on_conflict_do_nothing().returning(OpenedBidRow.bid_id)
    if await tx.session.scalar(made) is None or isinstance(opened, Refused):
        return
    contents, stored = opened
    for number, (named, file) in enumerate(zip(contents.documents, stored, strict=True), start=1):
        row = OpenedDocumentRow(
            bid_id=bid.bid_id,
            number=number,
            name=named.name,
            media_type=named.media_type,
            size=file.size,
            sha256=file.sha256,
            confidential=named.confidential,
        )
        tx.session.add(row)
