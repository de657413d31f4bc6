"""The practice republic as the first landed release left it.

`0012.pgdump` is what `pg_dump --format=custom --no-owner` made of a demo of that release: schema and rows at migration
0012, all people and companies fictional. It is never made again.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from dropping import drop

from procurement.backup import database
from procurement.infra.services.embedded import Postgres
from procurement.settings import Settings

DUMP = Path(__file__).with_name("0012.pgdump")


@pytest.fixture
async def landed(admin: asyncpg.Connection, postgres: Postgres, worker_id: str) -> AsyncIterator[Settings]:
    """Settings of a database at migration 0012, full of rows."""
    name = f"landed_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name}")
    settings = Settings(database_url=postgres.url("app", name), owner_database_url=postgres.url("owner", name))
    await database.restore(settings.owner_database_url, lambda pipe: pipe.write(DUMP.read_bytes()))
    yield settings
    await drop(admin, name)
