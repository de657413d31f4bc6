"""The manifest: the inner list of a sealed bid. It binds the files to one tender, revision, supplier and version.

A ciphertext copied into another bid therefore does not open as that bid. Names, sizes and plaintext hashes of files
stand only here, under the seal.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from procurement.kernel.canonical import canonical
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.parts import Blob
from procurement.kernel.sealing.strict import NO_ZERO_BYTE, Name, Sha256, Size, read_canonical

SUITE = "SB1"
LIMIT = 1 << 20  # bytes
PRICES = "prices.json"  # the name of the first file, but in a technical envelope
WRONG_NAMES = {
    "single": "prices.json comes first, and each file has its own name.",
    "technical": "A technical envelope holds no prices.json, and each file has its own name.",
    "financial": "A financial envelope holds prices.json and nothing else.",
}

Reason = Annotated[str, msgspec.Meta(max_length=2000, pattern=NO_ZERO_BYTE)]


class SealedPartHashes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One part of a file: SHA-256 of its padded plaintext and of its ciphertext."""

    sha256_plain: Sha256
    sha256_cipher: Sha256


class SealedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`size` is the true size in bytes, without padding. `confidential` is the bidder's reason why this file is to
    stay unpublished (Model Law art. 24), "" when it may be shown."""

    name: Name
    media_type: Name
    size: Size
    parts: Annotated[tuple[SealedPartHashes, ...], msgspec.Meta(min_length=1)]
    confidential: Reason = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`revision` is the SHA-256 of the tender revision, `nonce` 32 random bytes in hex.

    The first file is prices.json; of a bid of two envelopes the financial one holds it alone, and the technical one
    never.
    """

    suite: Literal["SB1"] = "SB1"
    tender: Name
    revision: Sha256
    lots: tuple[Name, ...]
    kind: Literal["single", "technical", "financial"] = "single"
    round: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    supplier: Name
    version: Annotated[int, msgspec.Meta(ge=1)]
    nonce: Sha256
    files: Annotated[tuple[SealedFile, ...], msgspec.Meta(min_length=1, max_length=1000)]


def manifest_bytes(manifest: Manifest) -> bytes:
    return canonical(manifest)


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest, its padding spaces included. Refused("manifest-malformed", 422)."""
    manifest = read_canonical(data.rstrip(b" "), Manifest, limit=LIMIT, code="manifest-malformed", what="The manifest")
    names = [file.name for file in manifest.files]
    if len(set(names)) != len(names) or not _prices_belong(manifest.kind, names):
        raise Refused("manifest-malformed", WRONG_NAMES[manifest.kind], status=422)
    return manifest


def _prices_belong(kind: str, names: Sequence[str]) -> bool:
    """Whether prices are where they belong: first, or alone, or in another envelope."""
    if kind == "technical":
        return PRICES not in names
    return names[0] == PRICES and (kind != "financial" or len(names) == 1)


def check_binding(manifest: Manifest, *, tender: str, revision: str, kind: str, round: int, supplier: str,
                  version: int) -> None:  # fmt: skip
    """Refused("bid-misplaced", 422) unless the manifest was sealed as exactly this bid."""
    said = (manifest.tender, manifest.revision, manifest.kind, manifest.round, manifest.supplier, manifest.version)
    if said != (tender, revision, kind, round, supplier, version):
        raise Refused("bid-misplaced", "What is inside was sealed as another bid.", status=422)


def check_blobs(manifest: Manifest, blobs: Sequence[Blob]) -> None:
    """Refused("parts-differ", 422) unless the envelope's parts, after the first, are the manifest's, in its order."""
    listed = [part.sha256_cipher for file in manifest.files for part in file.parts]
    if listed != [blob.sha256 for blob in blobs[1:]]:
        raise Refused("parts-differ", "The sealed parts are not those that the manifest lists.", status=422)
