"""The bidder's own look inside: every part of a package opened with the kit, and held against what it must be."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from procurement.client.offline import Cannot
from procurement.client.offline.package import Package
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Envelope,
    Manifest,
    Prices,
    SealedFile,
    SignedReceipt,
    age,
    check_binding,
    check_blobs,
    digest,
    envelope_bytes,
    parse_manifest,
    prices_bytes,
)
from procurement.kernel.sealing.declarations import DECLARATIONS
from procurement.kernel.sealing.kit import Kit, parse_kit
from procurement.kernel.sealing.manifest import PRICES
from procurement.kernel.sealing.names import must_be_a_plain_name
from procurement.kernel.sealing.reading import must_price_its_lots, plain_bytes, price_list_bytes

LARGEST_KIT = 1 << 16  # bytes
Take = Callable[[SealedFile, Iterator[bytes]], object]
"""Takes each document with its bytes, a part at a time, and reads them to the end."""


class Opened(msgspec.Struct, frozen=True):
    """What is inside, of as many envelopes as kits were given: a manifest of each, and the price list of each that
    holds one. `sha256` is by the document's name, of its bytes as they were sent."""

    manifests: tuple[Manifest, ...]
    prices: tuple[Prices, ...]
    sha256: dict[str, str]

    @property
    def documents(self) -> tuple[SealedFile, ...]:
        """All files but the prices."""
        return tuple(file for manifest in self.manifests for file in manifest.files if file.name != PRICES)


def read_kit(path: Path) -> Kit:
    """Raises Cannot."""
    try:
        with path.open("rb") as opened:
            return parse_kit(opened.read(LARGEST_KIT))
    except OSError as gone:
        raise Cannot(f"The kit cannot be read: {gone}.") from None
    except Refused as no:
        raise Cannot(no.detail) from None


def open_package(package: Package, kits: Sequence[Kit], take: Take | None = None) -> Opened:
    """Open every part of the envelopes that these kits are of. Raises Cannot where a kit is another bid's, or anything
    inside is not as it should be."""
    took = take or (lambda file, pieces: None)
    try:
        opened = [_open(package, _envelope_of(package, kit), kit, took) for kit in kits]
        return _together(opened)
    except Refused as no:
        raise Cannot(f"The package does not open as it should: {no.detail}") from None


def must_open_all(package: Package, kits: Sequence[Kit]) -> None:
    """Raises Cannot unless there is a kit for each envelope."""
    if {kit.recipient for kit in kits} != {envelope.recipient for envelope in package.envelopes}:
        raise Cannot(f"Give the kit of each envelope: this bid has {len(package.envelopes)}, a technical one and what "
                     "is priced apart." if package.financial else "Give the one kit of this bid.")  # fmt: skip


def _envelope_of(package: Package, kit: Kit) -> Envelope:
    named = {digest(envelope_bytes(one)): one for one in package.envelopes if one.recipient == kit.recipient}
    if not named or (kit.digest and kit.digest not in named):
        raise Cannot("This kit belongs to another bid.")
    return next(iter(named.values()))


def _open(package: Package, envelope: Envelope, kit: Kit, take: Take) -> Opened:
    bid, parts = package.bid, (package.part(blob) for blob in envelope.blobs)
    manifest = parse_manifest(age.decrypt(next(parts), kit.identity))
    check_binding(
        manifest, tender=envelope.tender, revision=envelope.revision, kind=envelope.kind, round=envelope.round,
        supplier=bid.supplier, version=bid.version,
    )  # fmt: skip
    check_blobs(manifest, envelope.blobs)
    files, prices = list(manifest.files), list[Prices]()
    if envelope.kind != "technical":
        prices.append(msgspec.json.decode(price_list_bytes(files.pop(0), parts, kit.identity), type=Prices))
        must_price_its_lots(manifest, prices[0])
    found = {file.name: _document(file, plain_bytes(file, parts, kit.identity), take) for file in files}
    return Opened((manifest,), tuple(prices), found)


def _together(opened: Sequence[Opened]) -> Opened:
    return Opened(
        tuple(manifest for one in opened for manifest in one.manifests),
        tuple(prices for one in opened for prices in one.prices),
        {name: sha256 for one in opened for name, sha256 in one.sha256.items()},
    )


def _document(file: SealedFile, pieces: Iterator[bytes], take: Take) -> str:
    """The SHA-256 of its bytes; `take` may read them first, whatever it leaves is read here."""
    hashed = hashlib.sha256()

    def passing() -> Iterator[bytes]:
        for piece in pieces:
            hashed.update(piece)
            yield piece

    rest = passing()
    take(file, rest)
    for _ in rest:
        pass
    return hashed.hexdigest()


def compare(opened: Opened, documents: Path) -> int:
    """How many documents are, byte for byte, those in the folder. Raises Cannot naming each that is not.

    The declarations, which the tool writes itself, have no file there.
    """
    sealed = {name: sha256 for name, sha256 in opened.sha256.items() if name != DECLARATIONS}
    found = {file.name: _sha256(file) for file in documents.iterdir() if not file.name.startswith(".")}
    wrong = [f"{name} is sealed and not in {documents}." for name in sealed.keys() - found.keys()]
    wrong += [f"{name} is in {documents} and was not sealed." for name in found.keys() - sealed.keys()]
    wrong += [f"{name} is not what was sealed." for name in sealed.keys() & found.keys() if sealed[name] != found[name]]
    if wrong:
        raise Cannot(*sorted(wrong))
    return len(sealed)


def acknowledged(package: Package, receipt: Path) -> str:
    """When this bid was received, by its receipt. Raises Cannot for no receipt, or another bid's.

    Its signature is for `procurement verify receipt`.
    """
    try:
        said = msgspec.json.decode(receipt.read_bytes(), type=SignedReceipt).receipt
    except (OSError, msgspec.DecodeError) as wrong:
        raise Cannot(f"{receipt} is no receipt: {wrong}.") from None
    if not package.is_named_by(said):
        raise Cannot("This receipt is for another bid.")
    return f"the receipt acknowledges this very bid, at {said.received_at}"


def write(package: Package, kits: Sequence[Kit], into: Path) -> Opened:
    """Open into a new folder: each document, and the prices as they were sealed, of each lot that is priced apart in a
    file of its own. Raises Cannot."""
    try:
        into.mkdir(parents=True)
    except FileExistsError:
        raise Cannot(f"{into} exists. Give a new folder.") from None

    def keep(file: SealedFile, pieces: Iterator[bytes]) -> None:
        must_be_a_plain_name(file.name)
        with (into / file.name).open("xb") as opened:
            opened.writelines(pieces)

    found = open_package(package, kits, keep)
    for place, prices in enumerate(found.prices, start=1):
        name = PRICES if len(found.prices) == 1 else f"{place}-{PRICES}"
        (into / name).write_bytes(prices_bytes(prices))
    return found


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
