"""Sealing on the server, for those who bid without scripts. Plaintext is held a part at a time, and never stored."""

import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from importlib.metadata import version as version_of
from typing import Literal

import msgspec
from anyio import to_thread

from procurement.bids.rules import limits
from procurement.bids.rules.declarations import statements
from procurement.bids.rules.draft import Contents, DraftFile, missing
from procurement.bids.rules.prices import price_schedule
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
    envelope_bytes,
    prices_bytes,
    seal_manifest,
)
from procurement.kernel.sealing.declarations import DECLARATIONS, declarations_bytes
from procurement.kernel.sealing.names import check_name
from procurement.tenders.rules import Tender

STEP = 1 << 20  # bytes gathered before they are handed to the sealing thread


class Upload(msgspec.Struct, frozen=True):
    """A document arriving: its name, its media type, why it is confidential ("" if it is not)."""

    name: str
    media_type: str
    confidential: str = ""


class Sealed(msgspec.Struct, frozen=True):
    """A bid ready to be submitted: the canonical bytes of its envelopes, every part they name, the version sealed
    inside. `financial` is there where the bid has two."""

    envelope: bytes
    financial: bytes | None
    blobs: tuple[Blob, ...]
    version: int


class _Lock(msgspec.Struct, frozen=True):
    """What one envelope of a draft is sealed to. `kind` as in the envelope."""

    kind: Literal["single", "technical", "financial"]
    recipient: str
    locked: str


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


async def seal_draft(files: Files, tender: Tender, draft: Draft, contents: Contents, version: int) -> Sealed:
    """The whole bid under its seal, durable. Refused("bid-incomplete", 422) names the steps that are not done."""
    if lacks := missing(tender, contents):
        raise Refused(
            "bid-incomplete",
            "The bid is not complete.",
            status=422,
            fields={str(step): words for step, words in lacks.items()},
        )
    prices = price_schedule(tender, contents.prices)
    lots = tuple(lot.lot for lot in prices.lots)
    locks = _locks(draft)
    priced = await _seal_own(files, locks[-1].recipient, "prices.json", prices_bytes(prices))
    declared = await _seal_own(files, draft.recipient, DECLARATIONS, declarations_bytes(statements(tender)))
    offer = (declared, *contents.files)
    inside = [(priced, *offer)] if len(locks) == 1 else [offer, (priced,)]
    envelopes = [
        await _envelope(files, tender, draft, lock, version, lots, held)
        for lock, held in zip(locks, inside, strict=True)
    ]
    blobs = tuple(blob for envelope in envelopes for blob in envelope.blobs)
    if sum(blob.size for blob in blobs) > limits.BID_LIMIT:
        raise Refused(
            "bid-too-large", f"A bid holds at most {limits.BID_LIMIT // limits.MB} MB. Remove a document.", status=413
        )
    first, *others = [envelope_bytes(envelope) for envelope in envelopes]
    return Sealed(first, others[0] if others else None, blobs, version)


def _locks(draft: Draft) -> list[_Lock]:
    """Of the bid's envelopes, in their order. Prices belong into the last one."""
    if not draft.financial_recipient:
        return [_Lock("single", draft.recipient, draft.locked)]
    return [
        _Lock("technical", draft.recipient, draft.locked),
        _Lock("financial", draft.financial_recipient, draft.financial_locked),
    ]


async def _envelope(files: Files, tender: Tender, draft: Draft, lock: _Lock, version: int, lots: tuple[str, ...],
                    held: Sequence[DraftFile]) -> Envelope:  # fmt: skip
    """One envelope of the bid over what it holds, its manifest stored."""
    manifest = Manifest(
        tender=tender.id,
        revision=tender.revision_hash,
        lots=lots,
        kind=lock.kind,
        supplier=draft.supplier,
        version=version,
        nonce=secrets.token_hex(32),
        files=tuple(one.file for one in held),
    )
    first = await parts.store_sealed(files, seal_manifest(manifest, lock.recipient))
    return Envelope(
        tender=tender.id,
        revision=tender.revision_hash,
        kind=lock.kind,
        recipient=lock.recipient,
        blobs=(first, *(blob for one in held for blob in one.blobs)),
        m=draft.m,
        n=draft.n,
        roster=draft.roster,
        locked=lock.locked,
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
