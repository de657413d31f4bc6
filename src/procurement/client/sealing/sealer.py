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
from procurement.kernel.sealing.schedule import lot_by_lot, price_schedule
from procurement.kernel.sealing.shares import Kind

CLIENT = f"procurement.client {version_of('procurement')}"
STEP = 1 << 20  # bytes of a file that are read at a time

Keep = Callable[[SealedPart], object]
"""Takes each sealed part as it is made; a manifest comes last, though it is its envelope's first."""


class SealedEnvelope(msgspec.Struct, frozen=True):
    """One envelope of a bid, and the kit that opens it alone."""

    envelope: Envelope
    kit: Kit


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """`envelope` is submitted with `version` once its parts are stored; the kit is the bidder's alone. Of a bid of two
    envelopes these are the technical one's, and `financial` is the other, or one for each lot that is bid for."""

    envelope: Envelope
    version: int
    kit: Kit
    financial: tuple[SealedEnvelope, ...] = ()

    @property
    def envelopes(self) -> tuple[SealedEnvelope, ...]:
        """All of the bid, in their order, each with its kit."""
        return SealedEnvelope(self.envelope, self.kit), *self.financial

    @property
    def priced_apart(self) -> tuple[Envelope, ...]:
        """The financial envelopes alone."""
        return tuple(one.envelope for one in self.financial)


class SealedBid(Sealed, frozen=True, kw_only=True):
    """With its sealed parts in memory, in the order in which its envelopes name them."""

    parts: tuple[SealedPart, ...]


def seal_bid(asked: Asked, unit_prices: Mapping[str, str], documents: Sequence[Attached] = ()) -> SealedBid:
    """A bid small enough for memory, for unit prices by item id. Refused as `price_schedule`."""
    parts: list[SealedPart] = []
    sealed = seal_into(parts.append, asked, price_schedule(asked.lines, unit_prices, asked.currency), documents)
    made = {part.blob: part for part in parts}
    ordered = tuple(made[blob] for one in sealed.envelopes for blob in one.envelope.blobs)
    return SealedBid(
        envelope=sealed.envelope, version=sealed.version, kit=sealed.kit, financial=sealed.financial, parts=ordered
    )


def seal_into(keep: Keep, asked: Asked, prices: Prices, documents: Iterable[Attached]) -> Sealed:
    """Seal everything, each envelope to a fresh identity of its own, locked at the tender's level. Where the tender
    takes two, prices are in the financial one alone, or in one for each lot.

    Each manifest is opened once before this returns. Refused as FileSealer, `lock_for` and Attached's file.
    """
    lots = tuple(lot.lot for lot in prices.lots)
    if not asked.financial_recipient:
        only = _sealed(keep, asked, _Place("single", lots), (_listed(prices), *documents))
        return Sealed(envelope=only.envelope, version=asked.version, kit=only.kit)
    technical = _sealed(keep, asked, _Place("technical", lots), documents)
    apart = lot_by_lot(asked.lines, prices) if asked.lots_apart else {"": prices}
    financial = [
        _sealed(keep, asked, _Place("financial", tuple(one.lot for one in part.lots), lot), (_listed(part),))
        for lot, part in apart.items()
    ]
    return Sealed(envelope=technical.envelope, version=asked.version, kit=technical.kit, financial=tuple(financial))


class _Place(msgspec.Struct, frozen=True):
    """Which envelope, and for which lots. `kind` and `lot_group` as in the envelope."""

    kind: Kind
    lots: tuple[str, ...]
    lot_group: str = ""


def _listed(prices: Prices) -> Attached:
    return Attached(PRICES, "application/json", prices_bytes(prices))


def _sealed(keep: Keep, asked: Asked, place: _Place, files: Iterable[Attached]) -> SealedEnvelope:
    """One envelope over these files, locked to the keyholder's identity for its kind."""
    keyholder = asked.financial_recipient if place.kind == "financial" else asked.recipient
    identity, recipient = new_identity()
    sealing = _Sealing(recipient, keep)
    for one in files:
        sealing.add(one)
    manifest = Manifest(
        tender=asked.tender,
        revision=asked.revision,
        lots=place.lots,
        kind=place.kind,
        supplier=asked.supplier,
        version=asked.version,
        nonce=secrets.token_hex(32),
        files=tuple(sealing.files),
    )
    listed = sealing.kept(seal_manifest(manifest, recipient))
    _must_open(listed, identity, manifest)
    envelope = Envelope(
        tender=asked.tender,
        revision=asked.revision,
        lot_group=place.lot_group,
        kind=place.kind,
        recipient=recipient,
        blobs=(listed.blob, *sealing.blobs[:-1]),
        sealed_by="client",
        client=CLIENT,
        **msgspec.structs.asdict(lock_for(identity, keyholder, asked.roster, place.kind, place.lot_group)),
    )
    kit = Kit(
        tender=asked.tender,
        supplier=asked.supplier,
        version=asked.version,
        digest=digest(envelope_bytes(envelope)),
        recipient=recipient,
        identity=identity,
    )
    return SealedEnvelope(envelope, kit)


class _Sealing:
    """The files of one envelope on their way under the seal."""

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
