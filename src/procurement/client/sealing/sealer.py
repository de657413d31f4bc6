"""Everything of a bid under its seal, a part at a time: files of several GB take no more memory than small ones."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version as version_of
from pathlib import Path

import msgspec

from procurement.client.sealing.asked import Asked, Attached
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Blob,
    Envelope,
    FileSealer,
    Manifest,
    Prices,
    SealedFile,
    SealedPart,
    age,
    digest,
    envelope_bytes,
    new_identity,
    parse_manifest,
    prices_bytes,
    seal_manifest,
)
from procurement.kernel.sealing.kit import Kit
from procurement.kernel.sealing.level import lock_for
from procurement.kernel.sealing.manifest import PRICES
from procurement.kernel.sealing.schedule import price_schedule

CLIENT = f"procurement.client {version_of('procurement')}"
STEP = 1 << 20  # bytes of a file that are read at a time

Keep = Callable[[SealedPart], object]
"""Takes each sealed part as it is made; the manifest comes last, though it is the envelope's first."""


class Sealed(msgspec.Struct, frozen=True):
    """`envelope` is submitted with `version` once its parts are stored; the kit is the bidder's alone."""

    envelope: Envelope
    version: int
    kit: Kit


class SealedBid(Sealed, frozen=True):
    """With its sealed parts, in memory."""

    parts: tuple[SealedPart, ...]


def seal_bid(asked: Asked, unit_prices: Mapping[str, str], documents: Sequence[Attached] = ()) -> SealedBid:
    """A bid small enough for memory, for unit prices by item id. Refused as `price_schedule`."""
    parts: list[SealedPart] = []
    sealed = seal_into(parts.append, asked, price_schedule(asked.lines, unit_prices, asked.currency), documents)
    return SealedBid(sealed.envelope, sealed.version, sealed.kit, (parts[-1], *parts[:-1]))


def seal_into(keep: Keep, asked: Asked, prices: Prices, documents: Iterable[Attached]) -> Sealed:
    """Make a fresh bid identity, seal everything to it, and lock it at the tender's level.

    Its own manifest is opened once before this returns. Refused as FileSealer, `lock_for` and Attached's file.
    """
    identity, recipient = new_identity()
    sealing = _Sealing(recipient, keep)
    for one in (Attached(PRICES, "application/json", prices_bytes(prices)), *documents):
        sealing.add(one)
    manifest = Manifest(
        tender=asked.tender,
        revision=asked.revision,
        lots=tuple(lot.lot for lot in prices.lots),
        supplier=asked.supplier,
        version=asked.version,
        nonce=secrets.token_hex(32),
        files=tuple(sealing.files),
    )
    listed = sealing.kept(seal_manifest(manifest, recipient))
    _must_open(listed, identity, manifest)
    lock = lock_for(identity, asked.recipient, asked.roster)
    envelope = Envelope(
        tender=asked.tender,
        revision=asked.revision,
        recipient=recipient,
        blobs=(listed.blob, *sealing.blobs[:-1]),
        sealed_by="client",
        client=CLIENT,
        **msgspec.structs.asdict(lock),
    )
    kit = Kit(
        tender=asked.tender,
        supplier=asked.supplier,
        version=asked.version,
        digest=digest(envelope_bytes(envelope)),
        recipient=recipient,
        identity=identity,
    )
    return Sealed(envelope, asked.version, kit)


class _Sealing:
    """The files of one bid on their way under the seal."""

    def __init__(self, recipient: str, keep: Keep) -> None:
        self.recipient, self.keep = recipient, keep
        self.files: list[SealedFile] = []
        self.blobs: list[Blob] = []

    def add(self, one: Attached) -> None:
        sealer = FileSealer(one.name, one.media_type, self.recipient, one.confidential)
        for step in _steps(one.data):
            for part in sealer.feed(step):
                self.kept(part)
        for part in sealer.finish():
            self.kept(part)
        self.files.append(sealer.entry())

    def kept(self, part: SealedPart) -> SealedPart:
        self.keep(part)
        self.blobs.append(part.blob)
        return part


def _steps(data: bytes | Path) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as opened:
        while step := opened.read(STEP):
            yield step


def _must_open(listed: SealedPart, identity: str, manifest: Manifest) -> None:
    """A seal that its own bidder cannot open is worth nothing: found out here, not at the opening."""
    if parse_manifest(age.decrypt(listed.data, identity)) != manifest:
        raise Refused("manifest-malformed", "The sealed manifest does not open as what was sealed.", status=422)
