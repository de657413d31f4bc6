"""Put a backup into an empty place: a new data folder, and an empty database beside it or elsewhere.

Whoever can write to the target can write anything there. So the manifest's signature comes first, then every part is
held against it, and only what was held against it is used: the dump from a copy of its own, not read a second time.
"""

import asyncio
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast, get_args

import msgspec
import pyrage  # type: ignore[import-untyped]  # it ships no stubs
from msgspec.structs import replace
from pyrage import x25519

from procurement.backup import database
from procurement.backup.manifest import Manifest, read
from procurement.backup.take import KEYS
from procurement.backup.target import BadBackup, Target, file_path
from procurement.infra import schema
from procurement.infra.files import Files, Kind
from procurement.infra.ledger.anchor import FILE, write_durably
from procurement.infra.services import up
from procurement.infra.services.supervisor import Supervisor
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

AT_ONCE = 8  # files copied side by side
NOWHERE = "unix:///nowhere"  # a restore needs no Valkey
LARGEST = 1 << 40  # bytes of a file: whatever was stored once
LISTED = re.compile(rf"({'|'.join(get_args(Kind))}) ([0-9a-f]{{64}})")


async def restore(
    settings: Settings, target: Target, stamp: str, identity: x25519.Identity, verifier: VerifierKey
) -> Manifest:
    """Restore one backup that `verifier` signed, whole; `procurement up` or `migrate` then go on from it.

    BadBackup says what is wrong. Without DATABASE_URL the database is made in the data folder, which must be empty.
    """
    manifest, data = read(target, stamp, verifier), Path(settings.data)
    if manifest.migration > schema.head():
        raise BadBackup(f"It was made by a newer program (migration {manifest.migration}): install that one first.")
    if not _is_empty(data):
        raise BadBackup(f"{data} is not empty. Restore into a new folder.")
    files, keys = listed(target, stamp, manifest), _keys(target, stamp, manifest, identity)
    note = part(target, stamp, manifest, "checkpoint").decode()
    with _dump(data, target, stamp, manifest) as dump:
        if settings.database_url:
            await _fill(settings.owner_database_url or settings.database_url, dump, identity)
        else:
            async with Supervisor(data) as house:
                made = await up.databases(house, replace(settings, redis_url=NOWHERE))
                await _fill(made.owner_database_url, dump, identity)
    await _files(settings, target, files)
    _put_keys(data, keys, note)
    return manifest


def _is_empty(folder: Path) -> bool:
    return not folder.exists() or not any(folder.iterdir())


@contextmanager
def _dump(data: Path, target: Target, stamp: str, manifest: Manifest) -> Iterator[BinaryIO]:
    """The dump, encrypted, as a copy without a name that nobody else can change: it is what the manifest names."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=data) as copy:
        with target.reading(f"backups/{stamp}/database.age", manifest.parts["database.age"]) as reader:
            while piece := reader.read():
                copy.write(piece)
        copy.seek(0)
        yield cast(BinaryIO, copy)


async def _fill(url: str, dump: BinaryIO, identity: x25519.Identity) -> None:
    try:
        await database.restore(url, lambda pipe: pyrage.decrypt_io(dump, pipe, [identity]))
    except pyrage.DecryptError as no:
        raise BadBackup(f"The database cannot be decrypted with this identity: {no}.") from None


async def _files(settings: Settings, target: Target, named: list[tuple[Kind, str]]) -> None:
    """Every file is stored under its own hash again: one that is damaged stops the restore."""
    files, turn = Files.connect(settings.files_url, Path(settings.data)), asyncio.Semaphore(AT_ONCE)

    async def one(kind: Kind, sha256: str) -> None:
        path = file_path(kind, sha256)
        async with turn:
            try:
                await files.put_stream(kind, target.chunks(path), limit=LARGEST, expected=sha256)
            except Refused:
                raise BadBackup(f"{path} in {target.address} is not the file that was backed up.") from None

    await asyncio.gather(*(one(kind, sha256) for kind, sha256 in named))
    os.sync()


def listed(target: Target, stamp: str, manifest: Manifest) -> list[tuple[Kind, str]]:
    """The stored files that are in a backup. BadBackup for a line that names none of a kind that this program has."""
    found = []
    for line in part(target, stamp, manifest, "files").decode().splitlines():
        if not (named := LISTED.fullmatch(line)):
            raise BadBackup(f"It lists a file of a kind that this program does not have: {line[:80]!r}.")
        if line not in manifest.missing:
            found.append((cast(Kind, named[1]), named[2]))
    return found


def _keys(target: Target, stamp: str, manifest: Manifest, identity: x25519.Identity) -> dict[str, bytes]:
    """The keys that sign, by name."""
    try:
        opened = pyrage.decrypt(part(target, stamp, manifest, "keys.age"), [identity])
    except pyrage.DecryptError as no:
        raise BadBackup(f"The keys cannot be decrypted with this identity: {no}.") from None
    held = msgspec.json.decode(opened, type=dict[str, str])
    if unknown := sorted(held.keys() - set(KEYS)):  # a name here becomes a path
        raise BadBackup(f"It holds a key that this service does not have: {unknown[0]!r}. Nothing of it was written.")
    return {name: bytes.fromhex(secret) for name, secret in held.items()}


def _put_keys(data: Path, keys: dict[str, bytes], note: str) -> None:
    """The keys that sign; and, where they are, the checkpoint that the sequencer must not fall behind."""
    folder = data / "keys"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, secret in keys.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(secret)
    if note and "ledger" in keys:
        write_durably(data / FILE, note)


def part(target: Target, stamp: str, manifest: Manifest, name: str) -> bytes:
    """A small part of a backup. BadBackup when it is not the one that the manifest names."""
    with target.reading(f"backups/{stamp}/{name}", manifest.parts[name]) as reader:
        pieces = []
        while piece := reader.read():
            pieces.append(piece)
    return b"".join(pieces)
