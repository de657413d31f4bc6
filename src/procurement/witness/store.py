"""What a witness remembers: one SQLite file. Every write is durable before the cosignature leaves."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from procurement.kernel.checkpoint import Checkpoint

SCHEMA = """
CREATE TABLE IF NOT EXISTS cosigned (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
    at INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS evidence (origin TEXT, size INTEGER, root BLOB, at TEXT NOT NULL, request BLOB NOT NULL,
    PRIMARY KEY (origin, size, root)) STRICT;
CREATE TABLE IF NOT EXISTS unproven (number INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL,
    root BLOB NOT NULL, request BLOB NOT NULL, UNIQUE (origin, size, root)) STRICT;
"""
MOST = 1000  # forks of one log that are kept: each is a proof by itself
NEWEST = 100  # signed checkpoints of one log that are kept though they came without a proof: they may be true


class Latest(msgspec.Struct, frozen=True):
    """The newest checkpoint cosigned of a log; `at` is the second of the cosignature, `note` is as it is served."""

    checkpoint: Checkpoint
    at: int
    note: str


class Store:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / "witness.sqlite"
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=DELETE", "synchronous=FULL"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(SCHEMA)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Nobody else cosigns meanwhile; all or nothing, and durable when it ends."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk has ended it already
                self._db.execute("ROLLBACK")
            raise

    def latest(self, origin: str) -> Latest | None:
        row = self._db.execute("SELECT size, root, at, note FROM cosigned WHERE origin = ?", (origin,)).fetchone()
        return Latest(Checkpoint(origin, row[0], row[1]), row[2], row[3]) if row else None

    def keep(self, latest: Latest) -> None:
        one = latest.checkpoint
        self._db.execute(
            "INSERT INTO cosigned (origin, size, root, at, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE "
            "SET size = excluded.size, root = excluded.root, at = excluded.at, note = excluded.note",
            (one.origin, one.size, one.root, latest.at, latest.note),
        )

    def keep_evidence(self, fork: Checkpoint, at: datetime, request: bytes) -> None:
        """A signed checkpoint that cannot continue its log: what convicts whoever holds the log's key."""
        self._db.execute(
            "INSERT OR IGNORE INTO evidence SELECT ?, ?, ?, ?, ? WHERE "
            "(SELECT count(*) FROM evidence WHERE origin = ?) < ?",
            (fork.origin, fork.size, fork.root, at.isoformat(), request, fork.origin, MOST),
        )

    def keep_unproven(self, checkpoint: Checkpoint, request: bytes) -> None:
        """A signed checkpoint that nobody proved to continue its log: a fork of it, or somebody's wrong proof. Whoever
        investigates asks the log for the proof."""
        one = checkpoint
        with self.together():
            self._db.execute(
                "INSERT OR IGNORE INTO unproven (origin, size, root, request) VALUES (?, ?, ?, ?)",
                (one.origin, one.size, one.root, request),
            )
            self._db.execute(
                "DELETE FROM unproven WHERE origin = ?1 AND number NOT IN "
                "(SELECT number FROM unproven WHERE origin = ?1 ORDER BY number DESC LIMIT ?2)",
                (one.origin, NEWEST),
            )

    def evidence(self, origin: str) -> list[bytes]:
        """The requests that asked for a cosignature under a fork, oldest first."""
        rows = self._db.execute("SELECT request FROM evidence WHERE origin = ? ORDER BY at", (origin,))
        return [row[0] for row in rows]

    def unproven(self, origin: str) -> list[bytes]:
        """The newest requests whose signed checkpoint was not proven to continue the log, oldest first."""
        rows = self._db.execute("SELECT request FROM unproven WHERE origin = ? ORDER BY number", (origin,))
        return [row[0] for row in rows]

    def close(self) -> None:
        self._db.close()
