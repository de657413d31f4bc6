"""The database's schema: bring it up to date, and ask how far it has come."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import pool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from procurement.settings import asset

if TYPE_CHECKING:
    from alembic.config import Config


class NotASandbox(Exception):
    """A real installation was asked to be a sandbox: what it is was decided when it was made."""


def upgrade(url: str, sandbox: bool, origin: str = "", to: str = "head") -> None:
    """Bring the database at `url` to the newest migration, or to an older one.

    `sandbox` and `origin` (the ledger's name, as `host/path`) count only when the database is made: they are
    for ever. Raises NotASandbox, or OSError when the database does not answer.
    """
    from alembic import command  # who only asks need not import it

    if sandbox and asyncio.run(is_sandbox(url)) is False:
        raise NotASandbox
    config = _config()
    config.attributes |= {"url": url, "sandbox": sandbox, "origin": origin}  # not options: a password may hold a %
    command.upgrade(config, to)


@cache
def head() -> str:
    """The newest migration that this code knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


async def reached(connection: AsyncConnection) -> str:
    """The newest migration that the database has; empty when it has none."""
    if not await connection.scalar(text("SELECT to_regclass('alembic_version')")):
        return ""
    return await connection.scalar(text("SELECT version_num FROM alembic_version")) or ""


async def is_current(connection: AsyncConnection) -> bool:
    """Whether code and database are of one version: before that, nobody should be served."""
    return await reached(connection) == head()


async def is_sandbox(url: str) -> bool | None:
    """What the installation was made to be; None while it has not been made."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        if not await connection.scalar(text("SELECT to_regclass('installation')")):
            return None
        return bool(await connection.scalar(text("SELECT sandbox FROM installation")))


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(asset("migrations")))
    return config
