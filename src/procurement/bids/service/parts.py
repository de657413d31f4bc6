"""Sealed parts: durable ciphertext that a bid may name. A part is stored first and registered afterwards."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert

from procurement.bids.rules import limits
from procurement.bids.rules.submission import must_take_bids
from procurement.bids.tables import Bidder, BidPart
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Blob, SealedPart
from procurement.kernel.sealing.age import must_be_plain_age
from procurement.kernel.sealing.parts import SEALED_PART_LIMIT
from procurement.tenders import service as tenders

HEADER = 4096  # bytes from which an age file can be told


async def may_store(tx: Tx, tender_id: str) -> None:
    """Refused unless this person may upload sealed parts for this tender now."""
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.BID_PREPARE, of=tx.actor.organisation)
    must_take_bids(tender, tx.actor.organisation, tx.now)
    used = select(func.coalesce(func.sum(BidPart.size), 0)).where(*_of(tender_id, tx.actor.organisation))
    if (await tx.session.scalar(used) or 0) + SEALED_PART_LIMIT > limits.STORED_LIMIT:
        raise Refused("too-much-stored", "Your organisation has stored as many parts as it may for this tender. "
                      "Ask the help desk to clear old drafts.", status=413)  # fmt: skip


async def store(files: Files, sha256: str, chunks: AsyncIterable[bytes]) -> Blob:
    """Stream one part to durable storage. Refused: "hash-mismatch", "seal-malformed" (422), "file-too-large" (413)."""
    stored = await files.put_stream("sealed", _age_only(chunks), limit=SEALED_PART_LIMIT, expected=sha256)
    return Blob(stored.sha256, stored.size)


async def store_sealed(files: Files, part: SealedPart) -> Blob:
    """Store a part that was sealed here."""
    return await store(files, part.blob.sha256, _once(part.data))


async def register(tx: Tx, tender_id: str, blobs: Iterable[Blob]) -> None:
    """Note that these parts of the acting organisation are durable. Twice is once."""
    tx.actor.must(P.BID_PREPARE, of=tx.actor.organisation)
    supplier = tx.actor.organisation
    await be_bidder(tx, tender_id, supplier)
    rows = [{"tender_id": tender_id, "supplier_id": supplier, "sha256": b.sha256, "size": b.size} for b in blobs]
    if rows:
        await tx.session.execute(insert(BidPart).values(rows).on_conflict_do_nothing())


async def stored(tx: Tx, tender_id: str) -> dict[str, int]:
    """sha256 -> size of every part the acting organisation stored for this tender."""
    tx.actor.must(P.BID_READ_OWN, of=tx.actor.organisation)
    rows = await tx.session.execute(
        select(BidPart.sha256, BidPart.size).where(*_of(tender_id, tx.actor.organisation)).order_by(BidPart.stored_at)
    )
    return {row.sha256: row.size for row in rows}


async def be_bidder(tx: Tx, tender_id: str, supplier: str) -> None:
    """Make sure the row exists that this supplier's submissions wait for."""
    row = insert(Bidder).values(tender_id=tender_id, supplier_id=supplier)
    await tx.session.execute(row.on_conflict_do_nothing())


def _of(tender_id: str, supplier: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return BidPart.tender_id == tender_id, BidPart.supplier_id == supplier


async def _age_only(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same stream, refused as soon as it is plain that it is no age file (or one with a passphrase)."""
    head: bytes | None = b""
    async for chunk in chunks:
        if head is None:
            yield chunk
            continue
        head += chunk
        if len(head) >= HEADER:
            must_be_plain_age(head)
            yield head
            head = None
    if head is not None:
        must_be_plain_age(head)
        yield head


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
