"""The database: reached, of the right version, migrated, durable, and asked by a role that may do little."""

from datetime import UTC, datetime

from sqlalchemy import pool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from procurement.infra import schema
from procurement.infra.doctor.finding import SKEW, Finding, advice, broken, ok
from procurement.settings import Settings

OLDEST = 18  # the major version of PostgreSQL that the migrations are written for

ASKED = text(
    "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000, "
    "current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' "
    "AND current_setting('synchronous_commit') <> 'off', "
    "(SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user), clock_timestamp()"
)


async def check(settings: Settings) -> list[Finding]:
    if not settings.database_url:
        return [broken("database", "none: start `procurement up`, or set DATABASE_URL.")]
    engine = create_async_engine(settings.database_url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            return [*await _server(connection), *await _contents(connection)]
    except (OSError, DBAPIError) as wrong:
        why = wrong.orig if isinstance(wrong, DBAPIError) else wrong
        return [broken("database", f"does not answer ({why}): is it started, and is DATABASE_URL right?")]


async def _server(connection: AsyncConnection) -> list[Finding]:
    version, major, durable, powerful, clock = (await connection.execute(ASKED)).one()
    found = [ok("database", f"PostgreSQL {version} answers.")]
    if major < OLDEST:
        found.append(broken("database", f"PostgreSQL {major} is too old: version {OLDEST} is needed."))
    if not durable:
        found.append(
            broken("database", "may lose what it acknowledged: turn fsync, full_page_writes and synchronous_commit on.")
        )
    if powerful:
        found.append(advice("database", "DATABASE_URL names a superuser: the web needs only the application's role."))
    skew = abs((datetime.now(UTC) - clock).total_seconds())
    if skew > SKEW:
        found.append(broken("clock", f"this machine and the database differ by {skew:.1f} s: synchronise both."))
    return found


async def _contents(connection: AsyncConnection) -> list[Finding]:
    reached, newest = await schema.reached(connection), schema.head()
    if not reached:
        return [broken("schema", "the database is empty: run `procurement migrate`.")]
    found = [ok("schema", f"up to date at {reached}.")]
    if reached < newest:
        found = [broken("schema", f"at {reached}, this program needs {newest}: run `procurement migrate`.")]
    elif reached > newest:
        found = [broken("schema", f"at {reached}, this program knows {newest}: install the newer program.")]
    sandbox, origin = (await connection.execute(text("SELECT sandbox, origin FROM installation"))).one()
    kind = "a sandbox: its legal clock can be moved, its record is practice" if sandbox else "a real installation"
    found.append(ok("installation", f"{kind}; its ledger is {origin}."))
    if not sandbox and ".invalid/" in origin:
        found.append(advice("installation", "made without BASE_URL: its ledger has no name of its own, for ever."))
    return found
