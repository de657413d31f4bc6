"""A newer release comes in while the older one serves: migrations only add, and give up rather than block."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from procurement.backup.database import counted
from procurement.infra import schema
from procurement.settings import Settings, asset

pytestmark = pytest.mark.anyio

MIGRATIONS = sorted((asset("migrations") / "versions").glob("[0-9]*.py"))
LANDED = "0012"
TWO_AT_ONCE = "0015"  # it landed with changes of two busy tables in one transaction, which may meet crosswise
NEW = [file for file in MIGRATIONS if file.name[:4] > LANDED]

# What processes of release 0012 say to the database, word by word; each names its columns, as SQLAlchemy does.
OLD_STATEMENTS = (
    "SELECT organisation.id, organisation.name, organisation.kind, organisation.identifier_scheme, "
    "organisation.identifier, organisation.country, organisation.created_at FROM organisation ORDER BY id LIMIT 20",
    "SELECT person.id, person.name, person.email, person.password_hash, person.fictional, person.created_at, "
    "person.disabled_at FROM person ORDER BY id LIMIT 20",
    "INSERT INTO web_session (id, token_sha256, person, organisation, created_at, last_seen_at, expires_at, "
    "stepped_up_at, user_agent) SELECT gen_random_uuid()::text, sha256(gen_random_uuid()::text::bytea), id, NULL, "
    "clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '12 hours', clock_timestamp(), 'old' "
    "FROM person ORDER BY id LIMIT 1",
    "UPDATE web_session SET last_seen_at = clock_timestamp() "
    "WHERE id = (SELECT max(id) FROM web_session WHERE user_agent = 'old')",  # one row, as a request does
    "INSERT INTO api_token (id, token_sha256, person, organisation, label, created_at, expires_at) "
    "SELECT gen_random_uuid()::text, sha256(gen_random_uuid()::text::bytea), id, NULL, 'old', clock_timestamp(), "
    "clock_timestamp() + interval '1 day' FROM person ORDER BY id LIMIT 1",
    "INSERT INTO tender_number (year, last) VALUES (2199, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = tender_number.last + 1 RETURNING last",
    "SELECT id, ocid, buyer_id, state, title, deadline, closed_at FROM tender WHERE state = 'open' ORDER BY id",
    "INSERT INTO idempotency (actor, key, request, status, headers, body) "
    "VALUES ('person:old', gen_random_uuid()::text, '\\x00', 200, '{}', '\\x00')",
    "WITH written AS (INSERT INTO ledger_record (at, type, process, organisation, actor, visible, body, salt) "
    "VALUES (legal_now(), 'KeyPublished', '', '', 'system:old', 'at-once', '{}', sha256('')) RETURNING id), "
    "waiting AS (INSERT INTO ledger_pending (record_id) SELECT id FROM written) "
    "INSERT INTO outbox (topic, record_id, payload, due_at, attempts, problem) "
    "SELECT 'publication.publish_award', id, '{}', clock_timestamp(), 0, '' FROM written",
    "SELECT id, title, deadline, published_at FROM notice ORDER BY published_at DESC, id LIMIT 20",
)


class OldProgram:
    """Reads and writes without a pause, as the application's role; whatever fails is kept."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.database_url.replace("+asyncpg", "")
        self.rounds, self.failures = 0, list[str]()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        clients = [asyncio.create_task(self._serve()) for _ in range(4)]
        await asyncio.sleep(0.2)
        before = self.rounds
        yield
        await asyncio.sleep(0.2)
        for client in clients:
            client.cancel()
        await asyncio.wait(clients)
        assert before and self.rounds > before, "it served before, meanwhile and after"

    async def _serve(self) -> None:
        connection = await asyncpg.connect(
            self.url, server_settings={"lock_timeout": "10s", "statement_timeout": "15s"}
        )
        try:
            while True:
                await self.once(connection)
        finally:
            await connection.close(timeout=2)

    async def once(self, connection: asyncpg.Connection) -> None:
        for statement in OLD_STATEMENTS:
            try:
                await connection.execute(statement)
            except asyncpg.PostgresError as failed:
                self.failures.append(f"{statement[:60]}: {failed}")
        self.rounds += 1


async def test_the_older_release_goes_on_while_the_newer_schema_comes_in(landed: Settings) -> None:
    before = await counted(landed.owner_database_url)
    assert before["bid"] > 10 and before["ledger_record"] > 100
    await asyncio.to_thread(schema.upgrade, landed.owner_database_url, False, to=TWO_AT_ONCE)
    program = OldProgram(landed)
    async with program.serving():
        await asyncio.to_thread(schema.upgrade, landed.owner_database_url, False)
    assert not program.failures, program.failures[:3]
    after = await counted(landed.owner_database_url)
    lost = {name: (rows, after.get(name)) for name, rows in before.items() if after.get(name, -1) < rows}
    assert not lost, f"rows that were there: {lost}"
    assert (await reached(landed), after["web_session"] > before["web_session"]) == (schema.head(), True)


async def test_the_log_is_whole_after_the_upgrade(landed: Settings) -> None:
    query = text("SELECT size, root FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
    engine = create_async_engine(landed.owner_database_url)
    async with engine.connect() as connection:
        before = (await connection.execute(query)).one()
        await connection.rollback()
        await asyncio.to_thread(schema.upgrade, landed.owner_database_url, False)
        assert (await connection.execute(query)).one() == before
    await engine.dispose()


async def reached(settings: Settings) -> str:
    engine = create_async_engine(settings.owner_database_url)
    async with engine.connect() as connection:
        found = await schema.reached(connection)
    await engine.dispose()
    return found


def test_every_migration_gives_up_rather_than_block() -> None:
    environment = (asset("migrations") / "env.py").read_text()
    limits = re.search(r"^LIMITS = \{(.*)\}$", environment, re.MULTILINE)
    assert limits and "lock_timeout" in limits[1] and "statement_timeout" in limits[1]
    assert '"server_settings": LIMITS' in environment, "every session of a migration has them"
    for file in MIGRATIONS:
        assert "lock_timeout" not in file.read_text(), f"{file.name}: env.py says how long a lock is waited for"


@pytest.mark.parametrize("file", NEW, ids=lambda file: file.stem)
def test_a_migration_only_adds(file: Path) -> None:
    words = re.sub(r"\s+", " ", re.sub(r"\$\$.*?\$\$", "", file.read_text(), flags=re.DOTALL))
    narrowing = r"DROP (?:TABLE|COLUMN|CONSTRAINT|TYPE)|RENAME (?:TO|COLUMN)|ALTER COLUMN \w+ (?:TYPE|SET NOT NULL)"
    wider = r"ADD CONSTRAINT \w+ CHECK \(.*?\) NOT VALID.*?VALIDATE CONSTRAINT \w+.*?DROP CONSTRAINT (?:IF EXISTS )?\w+"
    words = re.sub(r"DROP CONSTRAINT IF EXISTS (\w+)\W+ALTER TABLE \w+ ADD CONSTRAINT \1", r"ADD CONSTRAINT \1", words)
    words = re.sub(wider, "", words)  # a check is replaced by a wider one, which holds before the narrow one goes
    assert not re.search(narrowing, words), "contract in a later release, when no older process is left"
    assert not re.search(r"ADD COLUMN \w+ \w+ NOT NULL(?! DEFAULT)", words), "an older process does not fill it"
    made, added = re.findall(r"CREATE TABLE (\w+)", words), re.findall(r"ADD COLUMN (\w+)", words)
    for name, table, columns in re.findall(r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(\w+) ON (\w+) \((.*?)\)", words):
        fresh = table in made or any(column in columns for column in added)
        assert fresh, f"{name}: make it CONCURRENTLY, {table} is written meanwhile"
    assert not re.search(r"^def downgrade", file.read_text(), re.MULTILINE), "docs/upgrade.md: there is no way back"
