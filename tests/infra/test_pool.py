"""A connection that was lost while nobody used it harms no request; one that was used just now is not asked first."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from procurement.infra import db
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
END = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
)


async def backend(database: Database) -> int:
    async with database.begin(system("test")) as tx:
        return int(await tx.session.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_connections_that_the_server_ended_are_replaced(database: Database, settings: Settings) -> None:
    before = await backend(database)
    assert await backend(database) == before
    other = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    assert await other.fetchval(END) == 1
    await other.close()
    await asyncio.sleep(0.2)  # the news of it arrives
    assert await backend(database) != before


async def test_one_that_has_rested_is_asked_and_replaced_when_it_is_dead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    ping = database.engine.dialect.do_ping

    def dead(connection: object) -> bool:
        asked.append(connection)
        raise database.engine.dialect.loaded_dbapi.Error("cut on the way")

    before = await backend(database)
    monkeypatch.setattr(database.engine.dialect, "do_ping", dead)
    assert (await backend(database), asked) == (before, [])
    monkeypatch.setattr(db, "RESTED", -1.0)
    assert await backend(database) != before
    assert len(asked) == 1
    monkeypatch.setattr(database.engine.dialect, "do_ping", ping)
    assert await backend(database)
