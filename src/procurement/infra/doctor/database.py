"""The database: reached, of the right version, migrated, durable, and asked by a role that may do little."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import make_url, pool, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from procurement.infra import schema
from procurement.infra.doctor.finding import SKEW, Finding, State, advice, broken, ok
from procurement.infra.ledger import service as ledger
from procurement.settings import Settings

DRIVER = "postgresql+asyncpg"
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
    found = await _reached("DATABASE_URL", settings.database_url, _everything)
    if found[0].state is State.BROKEN:
        return found
    for name in ("owner_database_url", "sequencer_database_url"):
        if address := getattr(settings, name):
            found += await _reached(name.upper(), address, _nothing_more)
    return found


async def _reached(
    name: str, address: str, then: Callable[[AsyncConnection], Awaitable[list[Finding]]]
) -> list[Finding]:
    """What `then` finds at this address; else why it cannot be reached, by the name of its setting."""
    try:
        if make_url(address).drivername != DRIVER:
            return [broken("database", f"{name} must begin with {DRIVER}://, as in docs/deploy/procurement.env.")]
        async with create_async_engine(address, poolclass=pool.NullPool).connect() as connection:
            return await then(connection)
    except ArgumentError:
        shape = f"{DRIVER}://user:password@host:5432/name"
        return [broken("database", f"{name} is no address: {shape}, with special characters as %XX.")]
    except OSError as wrong:
        return [broken("database", f"does not answer ({wrong}): is it started, and is {name} right?")]
    except DBAPIError as wrong:
        return [broken("database", f"refuses {name} ({wrong.orig}): are user, password and name right?")]


async def _everything(connection: AsyncConnection) -> list[Finding]:
    return [*await _server(connection), *await _contents(connection)]


async def _nothing_more(_: AsyncConnection) -> list[Finding]:
    return []


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
    sandbox, origin = await connection.scalar(text("SELECT sandbox FROM installation")), await ledger.origin(connection)
    kind = "a sandbox: its legal clock can be moved, its record is practice" if sandbox else "a real installation"
    found.append(ok("installation", f"{kind}; its ledger is {origin}."))
    if not sandbox and ".invalid/" in origin:
        found.append(advice("installation", "made without BASE_URL: its ledger has no name of its own, for ever."))
    return found
