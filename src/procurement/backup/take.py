"""Take a backup of a service, running or not.

1. Open one snapshot of the database; whatever is said below is true of that moment.
2. Dump that snapshot, encrypted as it leaves.
3. Copy every stored file that the snapshot names: it was durable before it was named, and is never changed.
4. Write the signed manifest: from here on there is a backup.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import cast

import msgspec
import pyrage  # type: ignore[import-untyped]  # it ships no stubs
from pyrage import x25519

from procurement.backup import database
from procurement.backup.database import Contents
from procurement.backup.manifest import FORMAT, Manifest, sign, signer
from procurement.backup.target import MANIFEST, STAMP, BadBackup, Hashing, Part, Target, file_path
from procurement.infra.files import Files, Kind
from procurement.kernel.checkpoint import VerifierKey
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

AT_ONCE = 8  # files copied side by side
KEYS = ("ledger", "receipts")


async def take(settings: Settings, target: Target, recipient: x25519.Recipient) -> tuple[str, Manifest, VerifierKey]:
    """Returns the backup's stamp, its manifest and whose signature that bears.

    BadBackup when it could not be made: then that stamp has no manifest.
    """
    url = settings.owner_database_url or settings.database_url
    files = Files.connect(settings.files_url, Path(settings.data))
    async with database.snapshot(url) as contents:
        key = signer(Path(settings.data), contents.origin)
        stamp = contents.at.strftime(STAMP)
        here = f"backups/{stamp}"
        if target.sizes(here):
            raise BadBackup(f"A backup of this second is there already: {here}. Try again.")

        def dump() -> Part:
            def encrypted(writer: Hashing) -> None:
                database.dump(url, contents.snapshot, lambda pipe: pyrage.encrypt_io(pipe, writer, [recipient]))

            return target.write_with(f"{here}/database.age", encrypted)

        parts = {"database.age": await asyncio.to_thread(dump)}
        file_bytes, missing = await _copy(files, target, contents)
    parts |= _small_parts(target, here, settings, contents, recipient)
    manifest = _manifest(contents, parts, file_bytes, missing)
    target.settle()
    target.write(f"{here}/{MANIFEST}", sign(manifest, key))
    target.settle()
    return stamp, manifest, key.verifier


def _small_parts(
    target: Target, here: str, settings: Settings, contents: Contents, recipient: x25519.Recipient
) -> dict[str, Part]:
    folder = Path(settings.data) / "keys"
    held = {name: (folder / name).read_bytes().hex() for name in KEYS if (folder / name).exists()}
    keys = pyrage.encrypt(msgspec.json.encode(held), [recipient])
    listed = "".join(f"{kind} {sha256}\n" for kind, sha256 in contents.files)
    return {
        "keys.age": target.write(f"{here}/keys.age", keys),
        "checkpoint": target.write(f"{here}/checkpoint", contents.note.encode()),
        "files": target.write(f"{here}/files", listed.encode()),
    }


def _manifest(contents: Contents, parts: dict[str, Part], file_bytes: int, missing: list[str]) -> Manifest:
    return Manifest(
        format=FORMAT,
        snapshot_at=contents.at,
        finished_at=datetime.now(UTC),
        software=version("procurement"),
        migration=contents.migration,
        origin=contents.origin,
        sandbox=contents.sandbox,
        last_entry_at=contents.last_entry_at,
        checkpoint=contents.entries,
        tables=contents.tables,
        files=len(contents.files) - len(missing),
        file_bytes=file_bytes,
        missing=missing,
        parts=parts,
    )


async def _copy(files: Files, target: Target, contents: Contents) -> tuple[int, list[str]]:
    """Copy what the target does not hold yet; returns the bytes of all named files, and those that are missing."""
    there = await asyncio.to_thread(target.sizes, "files/")
    turn, missing = asyncio.Semaphore(AT_ONCE), list[str]()

    async def one(kind: Kind, sha256: str) -> int:
        path = file_path(kind, sha256)
        if path in there:
            return there[path]
        async with turn:
            try:
                source = _Checked(await files.open(kind, sha256), sha256)
            except Refused:
                missing.append(f"{kind} {sha256}")
                return 0
            await target.put(path, source.chunks())
            return source.size

    copying = [one(cast(Kind, kind), sha256) for kind, sha256 in contents.files]
    return sum(await asyncio.gather(*copying)), sorted(missing)


class _Checked:
    """A stored file on its way into the backup: one that is not what it is named after never gets there."""

    def __init__(self, source: AsyncIterator[bytes], sha256: str) -> None:
        self._source, self._sha256, self.size = source, sha256, 0

    async def chunks(self) -> AsyncIterator[bytes]:
        hashed = hashlib.sha256()
        async for chunk in self._source:
            hashed.update(chunk)
            self.size += len(chunk)
            yield chunk
        if hashed.hexdigest() != self._sha256:
            raise BadBackup(f"The stored file {self._sha256} is damaged: its bytes give {hashed.hexdigest()}.")
