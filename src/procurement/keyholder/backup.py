"""The keyholder's store, copied and encrypted, to a place apart from every backup of the web side.

A copy is taken while the keyholder runs: SQLite gives one consistent moment of it. It never stands unencrypted on a
disk. Whoever holds both this copy with its identity and a backup of the web side could read bids early: they belong to
different people (docs/backup.md).
"""

import hashlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import obstore
import pyrage  # type: ignore[import-untyped]  # it ships no stubs
from obstore.store import LocalStore, ObjectStore, from_url
from pyrage import x25519

from procurement.keyholder.store import RESTORED, text

STORE = "keyholder.sqlite"
STAMP = "%Y%m%dT%H%M%SZ"
NOT_COUNTED = ("sqlite_sequence", "restored")


class BadCopy(Exception):
    """The copy cannot be made or used. The message is for the person at the terminal."""


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of a keyholder's store: rows of each table; the SHA-256 (hex) and size of the encrypted bytes."""

    format: str
    made_at: datetime
    tables: dict[str, int]
    sha256: str
    size: int


def place(address: str) -> ObjectStore:
    """A folder or `s3://bucket/prefix`. BadCopy where backups of the web side are kept: the two are never together."""
    store: ObjectStore
    if "://" in address:
        store = from_url(address)
    else:
        Path(address).mkdir(mode=0o700, parents=True, exist_ok=True)
        store = LocalStore(prefix=Path(address).resolve())
    if any(batch for batch in store.list("backups/", chunk_size=1)):
        raise BadCopy(f"{address} holds backups of the web side. Keep the keyholder's copies somewhere else.")
    return store


def back_up(folder: Path, store: ObjectStore, *recipients: x25519.Recipient) -> tuple[str, Copy]:
    """Copy the store in `folder`; returns the copy's stamp and what it holds. Each recipient alone can restore it."""
    if not (folder / STORE).exists():
        raise BadCopy(f"There is no keyholder's store in {folder}: set KEYHOLDER_STORE.")
    data = _whole(folder / STORE)
    sealed = pyrage.encrypt(data, list(recipients))
    now = datetime.now(UTC)
    stamp, digest = now.strftime(STAMP), hashlib.sha256(sealed).hexdigest()
    copy = Copy(format="keyholder-backup/v1", made_at=now, tables=counted(data), sha256=digest, size=len(sealed))
    obstore.put(store, f"keyholder/{stamp}/store.age", sealed)
    obstore.put(store, f"keyholder/{stamp}/manifest.json", msgspec.json.format(msgspec.json.encode(copy)))
    return stamp, copy


def restore(store: ObjectStore, stamp: str, identity: x25519.Identity, folder: Path) -> Copy:
    """Put a copy into a folder that has no store yet; the newest one when `stamp` is empty. The keyholder there
    releases nothing until its staff confirmed it: it does not know what was promised since."""
    stamp = stamp or _newest(store)
    if (folder / STORE).exists():
        raise BadCopy(f"{folder} holds a store already. Restore into another folder.")
    try:
        copy = msgspec.json.decode(_read(store, f"keyholder/{stamp}/manifest.json"), type=Copy)
        sealed = _read(store, f"keyholder/{stamp}/store.age")
    except FileNotFoundError:
        raise BadCopy(f"There is no copy {stamp}.") from None
    if hashlib.sha256(sealed).hexdigest() != copy.sha256:
        raise BadCopy(f"The copy {stamp} is damaged.")
    try:
        data = pyrage.decrypt(sealed, [identity])
    except pyrage.DecryptError as no:
        raise BadCopy(f"The copy cannot be decrypted with this identity: {no}.") from None
    if counted(data) != copy.tables:
        raise BadCopy(f"The copy {stamp} does not hold what its manifest says.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / STORE).touch(mode=0o600)
    (folder / STORE).write_bytes(_as_restored(data))
    return copy


def counted(data: bytes) -> dict[str, int]:
    """Rows of each table of a store. BadCopy when SQLite finds it damaged."""
    memory = sqlite3.connect(":memory:")
    try:
        memory.deserialize(data)
        if memory.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BadCopy("The store is damaged.")
        names = [row[0] for row in memory.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {
            name: memory.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608  # a name from the schema
            for name in names
            if name not in NOT_COUNTED
        }
    except sqlite3.DatabaseError as wrong:
        raise BadCopy(f"The store is damaged: {wrong}.") from None
    finally:
        memory.close()


def _as_restored(data: bytes) -> bytes:
    memory = sqlite3.connect(":memory:")
    try:
        memory.deserialize(data)
        memory.execute(RESTORED)
        memory.execute("INSERT OR IGNORE INTO restored VALUES (1, ?)", (text(datetime.now(UTC)),))
        memory.commit()
        return memory.serialize()
    finally:
        memory.close()


def _whole(file: Path) -> bytes:
    source, memory = sqlite3.connect(f"file:{file}?mode=ro", uri=True), sqlite3.connect(":memory:")
    try:
        source.backup(memory)
        return memory.serialize()
    finally:
        source.close()
        memory.close()


def _newest(store: ObjectStore) -> str:
    found = [str(meta["path"]) for batch in store.list("keyholder/") for meta in batch]
    stamps = sorted(path.split("/")[1] for path in found if path.endswith("/manifest.json"))
    if not stamps:
        raise BadCopy("There is no copy of a keyholder's store here.")
    return stamps[-1]


def _read(store: ObjectStore, path: str) -> bytes:
    return bytes(obstore.get(store, path).bytes())
