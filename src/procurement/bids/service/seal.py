"""Sealing on the server, for those who bid without scripts. Plaintext is held a part at a time, and never stored."""

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from importlib.metadata import version as version_of

import msgspec
from anyio import to_thread

from procurement.bids.rules import limits
from procurement.bids.rules.declarations import statements
from procurement.bids.rules.draft import Contents, DraftFile, missing
from procurement.bids.rules.prices import lines, price_schedule
from procurement.bids.rules.submission import kinds
from procurement.bids.service import parts
from procurement.bids.service.drafts import Draft
from procurement.infra.files import Files
from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Blob,
    Envelope,
    FileSealer,
    Manifest,
    Prices,
    Roster,
    envelope_bytes,
    new_identity,
    prices_bytes,
    seal_manifest,
)
from procurement.kernel.sealing.declarations import DECLARATIONS, declarations_bytes
from procurement.kernel.sealing.level import Lock, lock_for
from procurement.kernel.sealing.manifest import PRICES
from procurement.kernel.sealing.names import check_name
from procurement.kernel.sealing.schedule import lot_by_lot
from procurement.kernel.sealing.shares import Kind
from procurement.tenders.rules import Tender

STEP = 1 << 20  # bytes gathered before they are handed to the sealing thread


class Upload(msgspec.Struct, frozen=True):
    """A document arriving: its name, its media type, why it is confidential ("" if it is not)."""

    name: str
    media_type: str
    confidential: str = ""


class Sealed(msgspec.Struct, frozen=True):
    """A bid ready to be submitted: the canonical bytes of its envelopes, every part they name, the version sealed
    inside. `financial` are those of that kind, in the order of the lots."""

    envelope: bytes
    financial: tuple[bytes, ...]
    blobs: tuple[Blob, ...]
    version: int


class _Place(msgspec.Struct, frozen=True):
    """What one envelope is sealed to, and for which lots. `kind` and `lot_group` as in the envelope."""

    kind: Kind
    recipient: str
    lock: Lock
    lots: tuple[str, ...]
    lot_group: str = ""


async def seal_upload(files: Files, recipient: str, upload: Upload, chunks: AsyncIterator[bytes]) -> DraftFile:
    """Seal a document while it streams in, and store its parts. If the stream breaks, those are removed again.

    Refused("file-too-large", 413) beyond the limit, "form-invalid" (422) for a name that cannot be.
    """
    check_name(upload.name)
    sealer = FileSealer(upload.name, upload.media_type, recipient, upload.confidential)
    blobs: list[Blob] = []
    try:
        async for step in _steps(chunks):
            if sealer.size + len(step) > limits.FILE_LIMIT:
                raise _too_large()
            blobs += await _store(files, sealer, step)
        blobs += await _store(files, sealer, None)
    except BaseException:
        await forget(files, blobs)
        raise
    return DraftFile(id=new_id(), file=sealer.entry(), blobs=tuple(blobs))


async def forget(files: Files, blobs: Iterable[Blob]) -> None:
    """Remove parts that no draft and no bid came to name."""
    for blob in blobs:
        await files.forget("sealed", blob.sha256)


async def seal_draft(
    files: Files, tender: Tender, draft: Draft, contents: Contents, version: int, holders: Roster | None
) -> Sealed:
    """The whole bid under its seal, durable; `holders` are the tender's at levels S2 and S3.

    Refused("bid-incomplete", 422) names the steps that are not done.
    """
    if lacks := missing(tender, contents):
        raise Refused(
            "bid-incomplete",
            "The bid is not complete.",
            status=422,
            fields={str(step): words for step, words in lacks.items()},
        )
    prices = price_schedule(tender, contents.prices)
    own = _Place(kinds(tender)[0], draft.recipient, draft.lock, tuple(lot.lot for lot in prices.lots))
    declared = await _seal_own(files, own.recipient, DECLARATIONS, declarations_bytes(statements(tender)))
    offer, apart = [declared, *contents.files], _apart(tender, prices, holders)
    if not apart:
        offer.insert(0, await _seal_own(files, own.recipient, PRICES, prices_bytes(prices)))
    envelopes = [await _envelope(files, tender, draft, own, version, offer)]
    for place, listed in apart:
        priced = await _seal_own(files, place.recipient, PRICES, prices_bytes(listed))
        envelopes.append(await _envelope(files, tender, draft, place, version, [priced]))
    blobs = tuple(blob for envelope in envelopes for blob in envelope.blobs)
    if sum(blob.size for blob in blobs) > limits.BID_LIMIT:
        raise Refused(
            "bid-too-large", f"A bid holds at most {limits.BID_LIMIT // limits.MB} MB. Remove a document.", status=413
        )
    first, *others = (envelope_bytes(envelope) for envelope in envelopes)
    return Sealed(first, tuple(others), blobs, version)


def _apart(tender: Tender, prices: Prices, holders: Roster | None) -> list[tuple[_Place, Prices]]:
    """The financial envelopes with what is priced in each, in their order; none where prices go with the rest.

    Each has a fresh identity, which is locked and forgotten: what is sealed to it was readable here just now anyway.
    """
    if tender.financial_recipient is None:
        return []
    listed = lot_by_lot(lines(tender), prices) if tender.lots_apart else {"": prices}
    made = []
    for lot_group, part in listed.items():
        opens, recipient = new_identity()
        lock = lock_for(opens, tender.financial_recipient, holders, "financial", lot_group)
        lots = tuple(lot.lot for lot in part.lots)
        made.append((_Place("financial", recipient, lock, lots, lot_group), part))
    return made


async def _envelope(files: Files, tender: Tender, draft: Draft, place: _Place, version: int,
                    held: Sequence[DraftFile]) -> Envelope:  # fmt: skip
    """One envelope of the bid over what it holds, its manifest stored."""
    manifest = Manifest(
        tender=tender.id,
        revision=tender.revision_hash,
        lots=place.lots,
        kind=place.kind,
        supplier=draft.supplier,
        version=version,
        nonce=secrets.token_hex(32),
        files=tuple(one.file for one in held),
    )
    first = await parts.store_sealed(files, seal_manifest(manifest, place.recipient))
    return Envelope(
        tender=tender.id,
        revision=tender.revision_hash,
        lot_group=place.lot_group,
        kind=place.kind,
        recipient=place.recipient,
        blobs=(first, *(blob for one in held for blob in one.blobs)),
        **msgspec.structs.asdict(place.lock),
        sealed_by="server",
        client=f"procurement {version_of('procurement')}",
    )


async def _seal_own(files: Files, recipient: str, name: str, data: bytes) -> DraftFile:
    sealer = FileSealer(name, "application/json", recipient)
    blobs = await _store(files, sealer, data) + await _store(files, sealer, None)
    return DraftFile(id=name, file=sealer.entry(), blobs=tuple(blobs))


async def _store(files: Files, sealer: FileSealer, step: bytes | None) -> list[Blob]:
    """Feed one step (None: the end), and store every part that became full."""
    made = await to_thread.run_sync(lambda: list(sealer.finish() if step is None else sealer.feed(step)))
    return [await parts.store_sealed(files, part) for part in made]


async def _steps(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= STEP:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _too_large() -> Refused:
    words = f"A document may have at most {limits.FILE_LIMIT // limits.MB} MB. Nothing of it was kept."
    return Refused("file-too-large", words, status=413, fields={"file": words})
