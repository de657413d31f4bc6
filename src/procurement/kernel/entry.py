"""What stands in the ledger: a record behind its entry, which is public at once and tells one of two things.

hidden entry = SHA-256("entry/v1" || salt || record)                    32 bytes: it may be read at its time, or never
open entry   = 0x01 || SHA-256("entry/v2-open" || salt || record)       33 bytes: everybody can read it from the start

Showing a record means giving the record and its salt; then anyone can recompute the entry and prove it against a
checkpoint. Who meets an open entry may ask for its record: where it is kept back, something is wrong. Entries made
before there were open ones are hidden ones, also those of records that everybody could always read.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from procurement.kernel.canonical import canonical

SALT = 32
HIDDEN, OPEN = 32, 33  # bytes of an entry
MARK = b"\x01"
REPEATED = "RecordsRepeated"  # the type of the fact that carries public records whose own entries are not open


class Record(msgspec.Struct, frozen=True):
    """The content of a ledger entry. `at` is legal time (RFC 3339, microseconds, UTC)."""

    type: str
    at: str
    process: str
    actor: str
    organisation: str
    fact: dict[str, Any]


def record_bytes(type_: str, at: datetime, process: str, actor: str, organisation: str, fact: Any) -> bytes:
    """The canonical bytes that are hashed and stored."""
    return canonical(Record(type_, stamp(at), process, actor, organisation, msgspec.to_builtins(fact)))


def entry_hash(salt: bytes, record: bytes) -> bytes:
    """The hidden entry."""
    return hashlib.sha256(b"entry/v1" + salt + record).digest()


def open_entry(salt: bytes, record: bytes) -> bytes:
    """The open entry: a hash of its own kind, so that no record is behind entries of both kinds that look alike."""
    return MARK + hashlib.sha256(b"entry/v2-open" + salt + record).digest()


def entry_for(salt: bytes, record: bytes, *, at_once: bool) -> bytes:
    """The entry of a record, which is open when everybody may read it at once."""
    return open_entry(salt, record) if at_once else entry_hash(salt, record)


def is_open(entry: bytes) -> bool:
    return len(entry) == OPEN and entry.startswith(MARK)


def is_entry(entry: bytes) -> bool:
    """Whether these bytes are an entry of either kind."""
    return len(entry) == HIDDEN or is_open(entry)


def gives(salt: bytes, record: bytes, entry: bytes) -> bool:
    """Whether this is the record behind an entry of either kind."""
    return entry_for(salt, record, at_once=is_open(entry)) == entry


def read_record(body: bytes) -> Record:
    """The record in these bytes. ValueError unless they are its one canonical spelling: with a name said twice, each
    reader could read another one."""
    record = msgspec.json.decode(body, type=Record)
    if canonical(record) != body:
        raise ValueError("a record that is not in canonical form (RFC 8785)")
    return record


class Shown(Protocol):
    """An entry that somebody shows with its record and salt (hex), and is known to stand in the log."""

    @property
    def index(self) -> int: ...
    @property
    def salt(self) -> str: ...
    @property
    def record(self) -> str: ...
    @property
    def open(self) -> bool: ...


def hidden_among(entries: Sequence[Shown]) -> list[int]:
    """Those (by index) that are neither open entries nor have their record repeated, word by word, in one of these that
    is: others may not be able to read them."""
    repeated = {(one["salt"], one["record"]) for one in _repeated(entries)}
    return [one.index for one in entries if not one.open and (one.salt, one.record) not in repeated]


def _repeated(entries: Iterable[Shown]) -> Iterable[dict[str, Any]]:
    for one in entries:
        record = msgspec.json.decode(one.record)
        if one.open and record["type"] == REPEATED:
            yield from record["fact"]["records"]


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, always the same length."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
