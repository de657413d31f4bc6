"""What stands in the ledger: a record, hidden behind its entry until it may be read.

entry = SHA-256("entry/v1" || salt || record): 32 bytes, public at once. Showing a record means giving the
record and its salt; then anyone can recompute the entry and prove it against a checkpoint.
"""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from procurement.kernel.canonical import canonical

SALT = 32


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
    return hashlib.sha256(b"entry/v1" + salt + record).digest()


def read_record(body: bytes) -> Record:
    """The record in these bytes. ValueError unless they are its one canonical spelling: with a name said twice, each
    reader could read another one."""
    record = msgspec.json.decode(body, type=Record)
    if canonical(record) != body:
        raise ValueError("a record that is not in canonical form (RFC 8785)")
    return record


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, always the same length."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
