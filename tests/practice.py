"""The whole practice republic in a database of the run's PostgreSQL: loaded once a run, and copied for each worker."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from dropping import drop
from once import once
from starting import TEMPLATE, running

from procurement.infra.outbox import Handlers
from procurement.infra.services import up
from procurement.infra.services.embedded import Postgres
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database
from procurement.settings import Settings

LOADED = "republic"  # the database that nobody works in


@pytest.fixture(scope="session")
async def republic(
    admin: asyncpg.Connection,
    postgres: Postgres,
    one_valkey: str,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Settings]:
    """Settings of a service with all of it. A test must leave it as it was."""
    name, folder = f"{LOADED}_{worker_id}", Path(tempfile.mkdtemp(prefix="republic-"))  # short: a socket is in it
    with once(tmp_path_factory, "republic") as shared:
        if shared.to_make:
            await admin.execute(f"CREATE DATABASE {LOADED} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
            await _load(_settings(postgres, LOADED, folder, one_valkey), folder)
            shutil.move(folder, shared.folder)
    shutil.copytree(shared.folder.with_name("republic"), folder, dirs_exist_ok=True)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {LOADED} STRATEGY FILE_COPY")
    with running(up.keyholder(folder / "store", folder / "socket", sandbox=True), folder / "socket", b"hello\n"):
        yield _settings(postgres, name, folder, one_valkey)
    await drop(admin, name)
    shutil.rmtree(folder)


def _settings(postgres: Postgres, name: str, folder: Path, valkey: str) -> Settings:
    return Settings(
        database_url=postgres.url("app", name),
        owner_database_url=postgres.url("owner", name),
        sequencer_database_url=postgres.url("sequencer", name),
        redis_url=valkey,
        keyholder_socket=str(folder / "socket"),
        base_url="http://test",
        pages_per_minute=0,
        data=str(folder / "data"),
    )


async def _load(settings: Settings, folder: Path) -> None:
    """The demo, and what a worker would do then: everything that waits in the outbox."""
    from procurement import demo, stages

    with running(up.keyholder(folder / "store", folder / "socket", sandbox=True), folder / "socket", b"hello\n"):
        await demo.load(settings)
        database = Database(settings.database_url, Handlers(stages.HANDLERS))
        while await handle_one(database):
            pass
        await database.dispose()
    (folder / "socket").unlink(missing_ok=True)
