"""Where backups are kept: a folder, or S3-compatible storage.

backups/STAMP/database.age      the database (pg_dump, custom format), encrypted to the recipient
backups/STAMP/keys.age          the keys that sign, encrypted to the recipient
backups/STAMP/checkpoint        the newest signed checkpoint of the log
backups/STAMP/files             the stored files that the database names: one "kind sha256" a line
backups/STAMP/manifest          what this backup is, signed; written last, so that one without it is unfinished
files/KIND/ab/SHA256            the files themselves, shared by all backups
"""

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
import obstore
from obstore.store import LocalStore, ObjectStore, from_url

MANIFEST = "manifest"
STAMP = "%Y%m%dT%H%M%SZ"
STEP = 1 << 20  # bytes read at once


class BadBackup(Exception):
    """It is missing, unfinished, or not what its manifest says. The message is for the person at the terminal."""


class Part(msgspec.Struct, frozen=True):
    """A file of a backup: the SHA-256 (hex) and size of its bytes as they are stored."""

    sha256: str
    size: int


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Target:
    def __init__(self, address: str) -> None:
        """`address` is a folder or, as `s3://bucket/prefix`, storage whose keys are in the environment."""
        self.address = address
        self.store: ObjectStore
        self._remote = "://" in address
        if self._remote:
            self.store = from_url(address)
        else:
            Path(address).mkdir(mode=0o700, parents=True, exist_ok=True)
            self.store = LocalStore(prefix=Path(address).resolve())

    def backups(self) -> list[str]:
        """The stamps of all finished backups, oldest first."""
        found = [str(meta["path"]) for batch in self.store.list("backups/") for meta in batch]
        return sorted(path.split("/")[1] for path in found if path.endswith(f"/{MANIFEST}"))

    def newest(self) -> str:
        if not (stamps := self.backups()):
            raise BadBackup(f"There is no finished backup in {self.address}.")
        return stamps[-1]

    def manifest(self, stamp: str) -> bytes:
        """The signed manifest, as whoever can write there left it. BadBackup when there is none."""
        try:
            return self.read(f"backups/{stamp}/{MANIFEST}")
        except FileNotFoundError:
            raise BadBackup(f"There is no finished backup {stamp} in {self.address}.") from None

    def sizes(self, below: str) -> dict[str, int]:
        """Path -> size of everything below a path."""
        return {str(meta["path"]): int(meta["size"]) for batch in self.store.list(below) for meta in batch}

    def read(self, path: str) -> bytes:
        return bytes(obstore.get(self.store, path).bytes())

    def write(self, path: str, data: bytes) -> Part:
        obstore.put(self.store, path, data)
        return Part(hashlib.sha256(data).hexdigest(), len(data))

    def write_with(self, path: str, fill: Callable[["Hashing"], None]) -> Part:
        """Write what `fill` writes; returns its hash and size. Holds no more than a few pieces of it."""
        with obstore.open_writer(self.store, path) as writer:
            hashing = Hashing(writer)
            fill(hashing)
        return hashing.part()

    @contextmanager
    def reading(self, path: str, expected: Part) -> Iterator["Hashing"]:
        """Read a part as a stream. BadBackup, at the end, when it is not the one that the manifest names."""
        try:
            reader = Hashing(obstore.open_reader(self.store, path))
        except FileNotFoundError:
            raise BadBackup(f"{path} is missing from {self.address}.") from None
        yield reader
        if reader.part() != expected:
            raise BadBackup(f"{path} in {self.address} is not the one that was backed up.")

    async def put(self, path: str, chunks: AsyncIterator[bytes]) -> None:
        await obstore.put_async(self.store, path, chunks)

    async def chunks(self, path: str) -> AsyncIterator[bytes]:
        """BadBackup when there is nothing at that path."""
        try:
            found = await obstore.get_async(self.store, path)
        except FileNotFoundError:
            raise BadBackup(f"{path} is missing from {self.address}.") from None
        async for chunk in found.stream(min_chunk_size=STEP):
            yield bytes(chunk)

    def settle(self) -> None:
        """Make a folder durable; S3 is by itself."""
        if not self._remote:
            os.sync()


class Hashing:
    """A file object on its way to or from a target: hashed and counted as it passes."""

    def __init__(self, file: "_Reader | BinaryIO | obstore.WritableFile | obstore.ReadableFile") -> None:
        self._file = file
        self._hash, self._size = hashlib.sha256(), 0

    def read(self, size: int = STEP) -> bytes:
        data = bytes(self._file.read(size))  # type: ignore[union-attr]  # made of a reader whenever it is read
        self._count(data)
        return data

    def write(self, data: bytes) -> int:
        data = bytes(data)
        self._file.write(data)  # type: ignore[union-attr]  # made of a writer whenever it is written
        self._count(data)
        return len(data)

    def flush(self) -> None:
        """The end of the stream makes it whole."""

    def part(self) -> Part:
        return Part(self._hash.hexdigest(), self._size)

    def _count(self, data: bytes) -> None:
        self._hash.update(data)
        self._size += len(data)


def file_path(kind: str, sha256: str) -> str:
    return f"files/{kind}/{sha256[:2]}/{sha256}"
