"""The bidder's own look inside: every part of a package opened with the kit, and held against what it must be."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from procurement.client.offline import Cannot
from procurement.client.offline.package import Package
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import (
    Manifest,
    Prices,
    SealedFile,
    SignedReceipt,
    age,
    check_binding,
    check_blobs,
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
    """What is inside. `sha256` is by the document's name, of its bytes as they were sent."""

    manifest: Manifest
    prices: Prices
    sha256: dict[str, str]


def read_kit(path: Path) -> Kit:
    """Raises Cannot."""
    try:
        with path.open("rb") as opened:
            return parse_kit(opened.read(LARGEST_KIT))
    except OSError as gone:
        raise Cannot(f"The kit cannot be read: {gone}.") from None
    except Refused as no:
        raise Cannot(no.detail) from None


def open_package(package: Package, kit: Kit, take: Take | None = None) -> Opened:
    """Open every part. Raises Cannot where the kit is another bid's, or anything inside is not as it should be."""
    if (kit.recipient, kit.digest or package.bid.digest) != (package.envelope.recipient, package.bid.digest):
        raise Cannot("This kit belongs to another bid.")
    try:
        return _open(package, kit, take or (lambda file, pieces: None))
    except Refused as no:
        raise Cannot(f"The package does not open as it should: {no.detail}") from None


def _open(package: Package, kit: Kit, take: Take) -> Opened:
    envelope, bid = package.envelope, package.bid
    parts = (package.part(blob) for blob in envelope.blobs)
    manifest = parse_manifest(age.decrypt(next(parts), kit.identity))
    check_binding(
        manifest, tender=envelope.tender, revision=envelope.revision, kind=envelope.kind, round=envelope.round,
        supplier=bid.supplier, version=bid.version,
    )  # fmt: skip
    check_blobs(manifest, envelope.blobs)
    priced, *documents = manifest.files
    prices = msgspec.json.decode(price_list_bytes(priced, parts, kit.identity), type=Prices)
    must_price_its_lots(manifest, prices)
    found = {file.name: _document(file, plain_bytes(file, parts, kit.identity), take) for file in documents}
    return Opened(manifest, prices, found)


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
    if (said.digest, said.recipient) != (package.bid.digest, package.envelope.recipient):
        raise Cannot("This receipt is for another bid.")
    return f"the receipt acknowledges this very bid, at {said.received_at}"


def write(package: Package, kit: Kit, into: Path) -> Opened:
    """Open into a new folder: each document, and the prices as they were sealed. Raises Cannot."""
    try:
        into.mkdir(parents=True)
    except FileExistsError:
        raise Cannot(f"{into} exists. Give a new folder.") from None

    def keep(file: SealedFile, pieces: Iterator[bytes]) -> None:
        must_be_a_plain_name(file.name)
        with (into / file.name).open("xb") as opened:
            opened.writelines(pieces)

    found = open_package(package, kit, keep)
    (into / PRICES).write_bytes(prices_bytes(found.prices))
    return found


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
