"""From the recorded intent to the reading out: released, staged one by one, shown together.

1. The intent is recorded (OpeningConfirmed) before this begins: nothing here starts an opening.
2. Released: the keyholder grants exactly the digests that closing fixed. Asking again gives the same answer.
3. Staged: each bid is unlocked, decrypted in a child process, checked and stored. Its key is never stored. A bid that
   is wrong in itself is staged with its problem; one bad bid never stops the others.
4. Shown: when all are staged, in one transaction, with the fact, the disclosures and the opening record.

Every step may be killed and repeated. What fails through our own fault waits and is tried again.
"""

from collections.abc import AsyncIterator

import msgspec
from sqlalchemy import null, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.bids import service as bids
from procurement.bids.rules.prices import must_add_up
from procurement.bids.service import FinalEnvelope
from procurement.infra.files import Files, Stored
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import parse_envelope
from procurement.keyholder.protocol import Opening as Asked
from procurement.opening.service.evidence import closing_evidence
from procurement.opening.service.showing import show
from procurement.opening.tables import OpenedBidRow, OpenedDocumentRow, OpeningRow
from procurement.opening.unseal.frames import Contents, Job
from procurement.opening.unseal.parent import ChildDied, unseal
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender

OPENER = system("opening")
TRIES = 2  # of a child that dies; then the bid cannot be read
OURS = frozenset({"unavailable", "file-unknown", "part-differs", "not-released", "opening-unknown"})


async def in_progress(tx: Tx) -> list[str]:
    """Tenders whose opening was confirmed and is not shown, the longest waiting first."""
    waiting = (OpeningRow.confirmed_at.is_not(None), OpeningRow.shown_at.is_(None))
    rows = await tx.session.scalars(
        select(OpeningRow.tender_id).where(*waiting).order_by(OpeningRow.confirmed_at, OpeningRow.tender_id)
    )
    return list(rows)


async def advance(database: Database, keyholder: Keyholder, files: Files, tender_id: str) -> None:
    """Go as far as possible. Refused for what is our own fault: it is tried again later."""
    async with database.begin(OPENER) as tx:
        await _release(tx, keyholder, tender_id)
    async with database.begin(OPENER) as tx:
        tender = await tenders.tender(tx, tender_id)
        leaf = (await tx.session.get_one(OpeningRow, tender_id)).leaf
        waiting = await _unstaged(tx, tender_id)
    for bid in waiting:
        opened = await _open(keyholder, files, tender, leaf, bid)
        async with database.begin(OPENER) as tx:
            await _stage(tx, tender, bid, opened)
    async with database.begin(OPENER) as tx:
        await show(tx, tender_id)


async def note_problem(tx: Tx, tender_id: str, problem: str) -> None:
    """What officers read while an opening waits for us."""
    tx.actor.must(P.OPENING_CONFIRM, of=(await tenders.tender(tx, tender_id)).buyer)
    waiting = (OpeningRow.tender_id == tender_id, OpeningRow.shown_at.is_(None))
    await tx.session.execute(update(OpeningRow).where(*waiting).values(problem=problem[:500]))


async def _release(tx: Tx, keyholder: Keyholder, tender_id: str) -> None:
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    row = await tx.session.get_one(OpeningRow, tender_id, with_for_update=True)
    closing = await bids.closing_of(tx, tender_id)
    if row.released_at is not None or row.confirmed_at is None or closing is None:
        return
    digests = tuple(bid.digest for bid in await bids.final_envelopes(tx, tender_id))
    await keyholder.release(Asked(tender_id), await closing_evidence(tx, closing), digests)
    row.released_at = await tx.clock()


async def _unstaged(tx: Tx, tender_id: str) -> list[FinalEnvelope]:
    staged = set(await tx.session.scalars(select(OpenedBidRow.bid_id).where(OpenedBidRow.tender_id == tender_id)))
    return [bid for bid in await bids.final_envelopes(tx, tender_id) if bid.bid_id not in staged]


Opened = tuple[Contents, list[Stored]] | Refused


async def _open(keyholder: Keyholder, files: Files, tender: Tender, leaf: str, bid: FinalEnvelope) -> Opened:
    """What was inside, or the refusal that the bid itself deserves. Raises what is our own fault."""

    async def sealed(sha256: str) -> AsyncIterator[bytes]:
        async for chunk in await bids.blob(files, sha256):
            yield chunk

    try:
        job = _job(tender, bid, await keyholder.unlock(leaf, bid.envelope))
        for _ in range(TRIES):
            try:
                contents, stored = await unseal(job, sealed, files)
            except (ChildDied, TimeoutError):
                continue
            must_add_up(tender, contents.prices)
            return contents, stored
    except Refused as no:
        if no.code in OURS:
            raise
        return no
    return Refused("bid-unreadable", "This bid could not be read within the limits of memory and time.", status=422)


def _job(tender: Tender, bid: FinalEnvelope, identity: str) -> Job:
    envelope = parse_envelope(bid.envelope)
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
        lots=tuple(lot.id for lot in tender.lots),
        items=tuple(item.id for item in tender.items),
    )


async def _stage(tx: Tx, tender: Tender, bid: FinalEnvelope, opened: Opened) -> None:
    """Keep what was found. A second worker that found the same changes nothing."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    refused = opened if isinstance(opened, Refused) else None
    values = {
        "bid_id": bid.bid_id, "tender_id": tender.id, "supplier_id": bid.supplier, "version": bid.version,
        "digest": bid.digest, "received_at": bid.received_at, "record_id": bid.record_id, "staged_at": tx.now,
        "prices": null(), "problem_code": refused.code if refused else "",
        "problem": refused.detail.replace("\0", "") if refused else "",
    }  # fmt: skip
    if not isinstance(opened, Refused):
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
