"""Put a backup into an empty place: a new data folder, and an empty database beside it or elsewhere."""

import asyncio
import os
from pathlib import Path

import msgspec
import pyrage  # type: ignore[import-untyped]  # it ships no stubs
from msgspec.structs import replace
from pyrage import x25519

from procurement.backup import database
from procurement.backup.take import KEYS
from procurement.backup.target import BadBackup, Manifest, Target, file_path
from procurement.infra import schema
from procurement.infra.files import Files, Kind
from procurement.infra.ledger.anchor import FILE, write_durably
from procurement.infra.services import up
from procurement.infra.services.supervisor import Supervisor
from procurement.settings import Settings

AT_ONCE = 8  # files copied side by side
NOWHERE = "unix:///nowhere"  # a restore needs no Valkey
LARGEST = 1 << 40  # bytes of a file: whatever was stored once


async def restore(settings: Settings, target: Target, stamp: str, identity: x25519.Identity) -> Manifest:
    """Restore one backup, whole; `procurement up` or `migrate` then go on from it. BadBackup says what is wrong.

    Without DATABASE_URL the database is made in the data folder, which must be empty.
    """
    manifest, data = target.manifest(stamp), Path(settings.data)
    if manifest.migration > schema.head():
        raise BadBackup(f"It was made by a newer program (migration {manifest.migration}): install that one first.")
    if not _is_empty(data):
        raise BadBackup(f"{data} is not empty. Restore into a new folder.")
    if settings.database_url:
        await _fill(settings.owner_database_url or settings.database_url, target, stamp, manifest, identity)
    else:
        async with Supervisor(data) as house:
            made = await up.databases(house, replace(settings, redis_url=NOWHERE))
            await _fill(made.owner_database_url, target, stamp, manifest, identity)
    await _files(settings, target, stamp, manifest)
    _keys(data, target, stamp, manifest, identity)
    return manifest


def _is_empty(folder: Path) -> bool:
    return not folder.exists() or not any(folder.iterdir())


async def _fill(url: str, target: Target, stamp: str, manifest: Manifest, identity: x25519.Identity) -> None:
    with target.reading(f"backups/{stamp}/database.age", manifest.parts["database.age"]) as reader:
        try:
            await database.restore(url, lambda pipe: pyrage.decrypt_io(reader, pipe, [identity]))
        except pyrage.DecryptError as no:
            raise BadBackup(f"The database cannot be decrypted with this identity: {no}.") from None


async def _files(settings: Settings, target: Target, stamp: str, manifest: Manifest) -> None:
    """Every file is stored under its own hash again: one that is damaged stops the restore."""
    files, turn = Files.connect(settings.files_url, Path(settings.data)), asyncio.Semaphore(AT_ONCE)
    absent = set(manifest.missing)

    async def one(kind: Kind, sha256: str) -> None:
        async with turn:
            await files.put_stream(kind, target.chunks(file_path(kind, sha256)), limit=LARGEST, expected=sha256)

    listed = part(target, stamp, manifest, "files").decode().splitlines()
    await asyncio.gather(*(one(*line.split(" ")) for line in listed if line not in absent))  # type: ignore[arg-type]  # kind and hash
    os.sync()


def _keys(data: Path, target: Target, stamp: str, manifest: Manifest, identity: x25519.Identity) -> None:
    """The keys that sign; and, where they are, the checkpoint that the sequencer must not fall behind."""
    keys = pyrage.decrypt(part(target, stamp, manifest, "keys.age"), [identity])
    held = msgspec.json.decode(keys, type=dict[str, str])
    folder = data / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    if unknown := sorted(held.keys() - set(KEYS)):  # whoever writes to the target may encrypt what they like
        raise BadBackup(f"It holds a key that this service does not have: {unknown[0]!r}. Nothing of it was written.")
    for name, secret in held.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(bytes.fromhex(secret))
    note = part(target, stamp, manifest, "checkpoint").decode()
    if note and "ledger" in held:
        write_durably(data / FILE, note)


def part(target: Target, stamp: str, manifest: Manifest, name: str) -> bytes:
    """A small part of a backup. BadBackup when it is not the one that the manifest names."""
    with target.reading(f"backups/{stamp}/{name}", manifest.parts[name]) as reader:
        pieces = []
        while piece := reader.read():
            pieces.append(piece)
    return b"".join(pieces)
