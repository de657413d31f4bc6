"""Files of every kind, stored under the SHA-256 of their own bytes: on a disk, or in S3-compatible storage.

A file is acknowledged only when it is durable: on a disk the file and the folder that names it have been fsynced; S3
answers after its own. Two equal files are one file, and nothing is ever changed in place.
"""

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from procurement.kernel.ids import new_id
from procurement.kernel.refusal import Refused

# Each kind has a prefix of its own, so that a public address can never reach a sealed or an opened file.
Kind = Literal["documents", "sealed", "opened"]
CHUNK = 1 << 20  # bytes a reader gets at once, at least, except at the end
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
NO_ROOM = ("StorageFull", "os error 28", "os error 122")  # S3's word; a disk's ENOSPC and EDQUOT, as the store says it
PATIENCE = 5  # seconds after which somebody may have made room


class Stored(msgspec.Struct, frozen=True):
    """A durable file: the SHA-256 (hex) of its bytes and their number."""

    sha256: str
    size: int


class Files:
    """`folder` is the store's own folder when it is a disk, which the store itself does not fsync."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    @classmethod
    def connect(cls, address: str, data: Path) -> "Files":
        """The store at `address` (as `s3://bucket/prefix`, its keys in the environment), or `data`/files if empty."""
        if address:
            return cls(from_url(address))
        folder = data / "files"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(LocalStore(prefix=folder), folder)

    async def put_stream(
        self, kind: Kind, chunks: AsyncIterable[bytes], *, limit: int, expected: str | None = None
    ) -> Stored:
        """Store what `chunks` yields, durably, without ever holding more than a few chunks.

        Refused "file-too-large" (413) beyond `limit` bytes, "hash-mismatch" (422) if the SHA-256 is not `expected`,
        "storage-full" (503); then, and whenever `chunks` raises, nothing is stored.
        """
        counted = _Counted(chunks, limit)
        incoming = f"{kind}/incoming/{new_id()}"
        try:
            await obstore.put_async(self._store, incoming, counted.read())
            stored = Stored(counted.hash.hexdigest(), counted.size)
            if expected is not None and stored.sha256 != expected:
                raise Refused("hash-mismatch", "The file that arrived is not the file that was announced.", status=422)
            await self._sync(incoming)
            await obstore.rename_async(self._store, incoming, _path(kind, stored.sha256))
            await self._sync(_path(kind, stored.sha256))
        except BaseException as failed:
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._store, incoming)
            if is_full(failed):
                raise no_room() from failed
            raise
        return stored

    async def open(self, kind: Kind, sha256: str) -> AsyncIterator[bytes]:
        """The bytes of a stored file. Refused "file-unknown" (404) before the first byte if there is none."""
        try:
            found = await obstore.get_async(self._store, _path(kind, sha256))
        except FileNotFoundError:
            raise _unknown() from None
        return _chunks(found)

    async def has(self, kind: Kind, sha256: str) -> bool:
        """Whether that file is stored."""
        try:
            await obstore.head_async(self._store, _path(kind, sha256))
        except FileNotFoundError:
            return False
        return True

    async def forget(self, kind: Kind, sha256: str, *, before: datetime | None = None) -> None:
        """Delete a file that nothing names: what one broken upload had stored. Twice is once.

        With `before`, one that was stored again since stays: somebody may be about to name it.
        """
        path = _path(kind, sha256)
        with suppress(FileNotFoundError):
            if before and (await obstore.head_async(self._store, path))["last_modified"] >= before:
                return
            await obstore.delete_async(self._store, path)

    async def older(self, kind: Kind, before: datetime) -> AsyncIterator[list[str]]:
        """What is stored of a kind and was written last before that moment, by SHA-256, in batches."""
        async for batch in obstore.list(self._store, f"{kind}/", chunk_size=500):
            names = {str(one["path"]).rpartition("/")[2] for one in batch if one["last_modified"] < before}
            yield sorted(filter(DIGEST.match, names))

    async def forget_unfinished(self, before: datetime) -> int:
        """Delete what writers who died left behind on a disk before that moment; how many files that were.

        In S3 unfinished uploads have no name; a life-cycle rule of the bucket ends them.
        """
        if self._folder is None:
            return 0
        return await asyncio.to_thread(_delete_older, self._folder, before.timestamp())

    async def _sync(self, path: str) -> None:
        if self._folder is not None:
            await asyncio.to_thread(_fsync, self._folder, self._folder / path)


def is_full(error: BaseException) -> bool:
    """Whether a disk or the store had no room."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, BaseError) and any(word in str(error) for word in NO_ROOM)


def no_room() -> Refused:
    return Refused(
        "storage-full",
        "Our storage is full at this moment. Nothing of this was kept, and nothing that was acknowledged is lost. "
        "Send it again in some minutes.",
        status=503,
        retry_after=PATIENCE,
    )


class _Counted:
    """A stream on its way into the store: hashed, counted and limited as it passes."""

    def __init__(self, chunks: AsyncIterable[bytes], limit: int) -> None:
        self._chunks, self._limit = chunks, limit
        self.hash, self.size = hashlib.sha256(), 0

    async def read(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                raise Refused("file-too-large", f"A file may have at most {self._limit:,} bytes.", status=413)
            self.hash.update(chunk)
            if chunk:
                yield chunk


async def _chunks(found: "obstore.GetResult") -> AsyncIterator[bytes]:
    async for chunk in found.stream(min_chunk_size=CHUNK):
        yield bytes(chunk)


def _path(kind: Kind, sha256: str) -> str:
    if not DIGEST.match(sha256):
        raise _unknown()
    return f"{kind}/{sha256[:2]}/{sha256}"


def _unknown() -> Refused:
    return Refused("file-unknown", "There is no such file.", status=404)


def _fsync(top: Path, file: Path) -> None:
    """Make a file and its name durable, and the names of the folders down to it, which may be new."""
    for path in (file, *(folder for folder in file.parents if folder == top or top in folder.parents)):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _delete_older(folder: Path, timestamp: float) -> int:
    old = [file for file in folder.glob("*/incoming/*") if file.stat().st_mtime < timestamp]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
