"""One PostgreSQL for the whole run; each test gets a fresh copy of the migrated database."""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest

from procurement.app import create_app
from procurement.infra import schema
from procurement.infra.services.embedded import Postgres
from procurement.settings import Settings
from procurement.infra.services.supervisor import die_with_parent

SERVER = "TEST_SERVER"  # xdist's workers inherit it
TEMPLATE = "procurement"


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    memory = Path("/dev/shm")  # copying a database takes 10 ms there, 50 ms and more on a disk
    folder = tempfile.TemporaryDirectory(prefix="procurement-", dir=memory if memory.exists() else None)
    argv = [sys.executable, "-m", "procurement", "database", "--data", folder.name]
    server = subprocess.Popen(argv, stdout=subprocess.PIPE, preexec_fn=partial(die_with_parent, os.getpid()))
    assert server.stdout
    while not (line := server.stdout.readline()).startswith(b"ready "):
        assert line, "the test database did not start"
    os.environ[SERVER] = folder.name
    schema.upgrade(_server().url("owner", TEMPLATE), sandbox=True)

    def stop() -> None:
        server.send_signal(signal.SIGTERM)
        server.wait()
        server.stdout and server.stdout.close()
        folder.cleanup()

    config.add_cleanup(stop)


def _server() -> Postgres:
    data = Path(os.environ[SERVER])
    return Postgres(data, data / "run")


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
async def admin() -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(_server().url("owner", "postgres").replace("+asyncpg", ""))
    yield connection
    await connection.close()


_numbers = itertools.count()


@pytest.fixture
async def settings(admin: asyncpg.Connection, worker_id: str) -> AsyncIterator[Settings]:
    """Settings whose database is this test's own."""
    name = f"test_{worker_id}_{next(_numbers)}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield Settings(
        database_url=_server().url("app", name),
        owner_database_url=_server().url("owner", name),
        redis_url="unix:///nowhere",
        keyholder_socket="/nowhere",
    )
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this test's own loop."""
    app = create_app(settings)
    async with app.lifespan(), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
