"""The keyholder's memory: one SQLite file in a folder of its own, apart from the service's database.

Every write is durable before it is answered (`synchronous=FULL`). What was deleted is overwritten.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE installation (only INTEGER PRIMARY KEY CHECK (only = 1), sandbox INTEGER NOT NULL, verifier TEXT,
    origin TEXT, offset_seconds INTEGER) STRICT;
CREATE TABLE person (id TEXT PRIMARY KEY, secret TEXT NOT NULL, ready INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0, failed_at TEXT) STRICT;
CREATE TABLE identity (tender TEXT, lot_group TEXT, kind TEXT, round INTEGER, identity TEXT NOT NULL,
    not_before TEXT NOT NULL, PRIMARY KEY (tender, lot_group, kind, round)) STRICT;
CREATE TABLE code (person TEXT, step INTEGER, leaf TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (person, step)) STRICT;
CREATE TABLE release (leaf TEXT PRIMARY KEY, tender TEXT NOT NULL, lot_group TEXT NOT NULL, kind TEXT NOT NULL,
    round INTEGER NOT NULL, at TEXT NOT NULL, UNIQUE (tender, lot_group, kind, round)) STRICT;
CREATE TABLE released (leaf TEXT REFERENCES release, digest TEXT, used_at TEXT, PRIMARY KEY (leaf, digest)) STRICT;
CREATE TABLE journal (id INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL, about TEXT NOT NULL) STRICT;
"""

# The store came back from a copy, and nobody confirmed it yet.
RESTORED = "CREATE TABLE IF NOT EXISTS restored (only INTEGER PRIMARY KEY CHECK (only = 1), at TEXT NOT NULL) STRICT;"

# What stores that were made before do not have yet.
LATER = f"""{RESTORED}
CREATE TABLE IF NOT EXISTS witness (key TEXT PRIMARY KEY, needed INTEGER NOT NULL CHECK (needed > 0)) STRICT;
CREATE TABLE IF NOT EXISTS destroyed (tender TEXT, lot_group TEXT, kind TEXT, round INTEGER, leaf TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (tender, lot_group, kind, round)) STRICT;
CREATE TABLE IF NOT EXISTS ending (leaf TEXT PRIMARY KEY, seen_at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS signing (only INTEGER PRIMARY KEY CHECK (only = 1), seed TEXT NOT NULL) STRICT;
"""

# To which opening a code was given. A code of before has none: it stays used, and counts for no opening.
FOR_OPENING = "ALTER TABLE code ADD COLUMN opening TEXT"


class WrongStore(Exception):
    """The store was made for the other kind of installation."""


class Store:
    """Rows in, rows out. `sandbox` is decided when the folder is first used, and for ever."""

    def __init__(self, folder: Path, sandbox: bool) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        file = folder / "keyholder.sqlite"
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        if self.one("SELECT 1 FROM sqlite_master WHERE name = 'installation'") is None:
            self._make(sandbox)
        for statement in LATER.split(";"):
            self.run(statement)
        if self.one("SELECT 1 FROM pragma_table_info('code') WHERE name = 'opening'") is None:
            self.run(FOR_OPENING)
        if self.sandbox != sandbox:
            raise WrongStore(f"{folder} was made for {'a sandbox' if self.sandbox else 'production'}, for ever.")

    def _make(self, sandbox: bool) -> None:
        with self.together():
            for statement in SCHEMA.split(";"):
                self.run(statement)
            self.run("INSERT INTO installation (only, sandbox) VALUES (1, ?)", int(sandbox))

    @property
    def sandbox(self) -> bool:
        return bool(self.installation()["sandbox"])

    def installation(self) -> sqlite3.Row:
        row = self.one("SELECT * FROM installation")
        assert row is not None
        return row

    def one(self, sql: str, *values: str | int | None) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: str | int | None) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def run(self, sql: str, *values: str | int | None) -> None:
        self._db.execute(sql, values)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All or nothing, and durable when it ends."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def note(self, event: str, about: str) -> None:
        """Write into the journal what happened, or is about to."""
        self.run("INSERT INTO journal (at, event, about) VALUES (?, ?, ?)", text(datetime.now(UTC)), event, about)

    def close(self) -> None:
        self._db.close()


def text(at: datetime) -> str:
    """One spelling, so that moments sort as text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)
