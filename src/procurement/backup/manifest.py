"""What a backup is, in one note that the log's checkpoint key signs.

A backup is encrypted to a public key, so whoever can write to the target could make one that decrypts. Only what
this signature stands under, and what hashes to what it names, is ever used.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from procurement.backup.target import MANIFEST, STAMP, BadBackup, Part, Target
from procurement.infra import keys
from procurement.kernel.checkpoint import BadNote, SignerKey, VerifierKey, open_note

FORMAT = "procurement-backup/v2"
PARTS = frozenset({"checkpoint", "database.age", "files", "keys.age"})


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is. Nothing that was committed before `snapshot_at` (real time) is missing from it.

    `last_entry_at` is when the newest entry of `checkpoint` (a size) was placed; `tables` counts rows; `file_bytes`
    is the size of all named files together; `missing` are named files that the store did not have.
    """

    format: str
    snapshot_at: datetime
    finished_at: datetime
    software: str
    migration: str
    origin: str
    sandbox: bool
    last_entry_at: datetime | None
    checkpoint: int
    tables: dict[str, int]
    files: int
    file_bytes: int
    missing: list[str]
    parts: dict[str, Part]


def signer(data: Path, origin: str) -> SignerKey:
    """The log's checkpoint key in a data folder. BadBackup where it is not: a backup makes no key of its own."""
    path = data / "keys" / "ledger"
    if not path.exists():
        raise BadBackup(f"{path} is missing, and signs every backup: run this where the worker keeps its keys.")
    return keys.signer(path, origin)


def sign(manifest: Manifest, key: SignerKey) -> bytes:
    """The manifest as it is stored: JSON, and the signature under it."""
    return key.sign(msgspec.json.format(msgspec.json.encode(manifest)).decode() + "\n").encode()


def read(target: Target, stamp: str, verifier: VerifierKey) -> Manifest:
    """The manifest of a backup. BadBackup unless `verifier` signed it, for this very backup."""
    try:
        text = open_note(target.manifest(stamp).decode(), verifier)
        manifest = msgspec.json.decode(text, type=Manifest)
    except (BadNote, UnicodeDecodeError) as no:
        raise BadBackup(
            f"backups/{stamp}/{MANIFEST} in {target.address} is not signed by {verifier}: {no}. Nothing of it was used."
        ) from None
    except msgspec.DecodeError as no:
        raise BadBackup(f"What {verifier.name} signed there is no manifest of a backup: {no}.") from None
    if manifest.format != FORMAT or manifest.parts.keys() != PARTS:
        raise BadBackup(f"The backup {stamp} is a {manifest.format}; this program reads {FORMAT}.")
    if manifest.snapshot_at.strftime(STAMP) != stamp:
        raise BadBackup(f"The manifest of backup {stamp} belongs to {manifest.snapshot_at.strftime(STAMP)}.")
    return manifest


def expected(text: str, identity: Path) -> VerifierKey:
    """The key that must have signed: as given, or else as kept beside the identity. BadBackup without either."""
    beside = identity.with_name(f"{identity.name}.verifier")
    if not text and not beside.exists():
        raise BadBackup(
            f"Say with --verifier whose backup it must be, or keep that line in {beside}. `procurement backup` prints "
            "it. Take it from nowhere near the backup."
        )
    try:
        return VerifierKey.parse(text or beside.read_text())
    except BadNote as no:
        raise BadBackup(f"The verifier cannot be read: {no}.") from None
