"""A tender whose bids are opened, in a database that is kept: made once a process, copied for each test that asks."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from dropping import drop
from legal_clock import Advance, clock_of
from settled import TOWNS

from procurement.infra.outbox import Handlers
from procurement.infra.services.embedded import Postgres
from procurement.infra.tx import Database

if TYPE_CHECKING:
    from evaluated import Scene
    from tendering import Town


@pytest.fixture(scope="session")
async def opened_database(
    admin: asyncpg.Connection, postgres: Postgres, settled: tuple[str, "Town"], worker_id: str
) -> AsyncIterator[tuple[str, "Scene"]]:
    """A database with three opened bids, which nobody changes, and the scene in it."""
    from evaluated import THREE, opened

    from procurement import stages

    name = f"opened_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {settled[0]} STRATEGY FILE_COPY")
    TOWNS[name] = settled[1]
    database = Database(postgres.url("app", name), Handlers(stages.HANDLERS))
    owner = await asyncpg.connect(postgres.url("owner", name).replace("+asyncpg", ""))
    with tempfile.TemporaryDirectory() as folder:
        scene = await opened(database, owner, clock_of(owner), Path(folder), THREE)
    await owner.close()
    await database.dispose()
    yield name, scene
    await drop(admin, name)


@pytest.fixture
def opened_scene(
    opened_database: tuple[str, "Scene"],
    database: Database,
    owner: asyncpg.Connection,
    advance: Advance,
    tmp_path: Path,
) -> "Scene":
    """The same in this test's own database."""
    return opened_database[1].copied(database, owner, advance, tmp_path / "data")
