"""Sealed parts: durable ciphertext that a bid may name. A part is stored first and registered afterwards."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert

from procurement.bids.rules import limits
from procurement.bids.rules.submission import must_take_bids
from procurement.bids.service.kept import NAMED
from procurement.bids.tables import Bidder, BidPart
from procurement.infra.files import Files
from procurement.infra.quota import Room
from procurement.infra.quota import reserve as reserve_room
from procurement.infra.retained import still_named
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.sealing import Blob, SealedPart
from procurement.kernel.sealing.age import must_be_plain_age
from procurement.kernel.sealing.parts import SEALED_PART_LIMIT
from procurement.tenders import service as tenders

HEADER = 4096  # bytes from which an age file can be told


async def reserve(tx: Tx, tender_id: str, size: int, quota: int) -> str:
    """Promise room for an upload of `size` bytes of sealed parts; returns the promise (infra.quota).

    `quota` is what one organisation may store in all. Refused unless this person may upload for this tender now, and
    "quota-exceeded" (413).
    """
    tender = await tenders.public_tender(tx, tender_id)
    supplier = tx.actor.organisation
    tx.actor.must(P.BID_PREPARE, of=supplier)
    must_take_bids(tender, supplier, tx.now)
    stored_here = select(func.sum(BidPart.size)).where(*_of(tender_id, supplier))
    kept = still_named(NAMED[0]).subquery()
    stored = (
        select(func.sum(BidPart.size))
        .join(kept, (kept.c.sha256 == BidPart.sha256) & (kept.c.tender == BidPart.tender_id))
        .where(BidPart.supplier_id == supplier)
    )
    return await reserve_room(
        tx,
        supplier,
        size,
        Room(limits.STORED_LIMIT, stored_here, "For one tender an organisation may store"),
        Room(quota, stored, "Your organisation may store"),
    )


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
