"""The services that tests stand on: one PostgreSQL and one Meilisearch for a run, a Valkey for each of its processes,
a keyholder for each test that asks for one."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from meilisearch_server import Meilisearch, one_for_the_run
from redis import Redis
from starting import SERVER, running, server, start_server

from procurement.infra.services import up
from procurement.infra.services.embedded import Postgres, valkey, valkey_url


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Postgres:
    if SERVER not in os.environ:
        start_server(pytestconfig)
    return server()


@pytest.fixture(scope="session")
async def admin(postgres: Postgres) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres.url("owner", "postgres").replace("+asyncpg", ""))
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def one_valkey(worker_id: str) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix=f"valkey-{worker_id}-"))
    with running(valkey(folder, folder), folder / "valkey.sock", b"PING\r\n"):
        yield valkey_url(folder)
    shutil.rmtree(folder)


@pytest.fixture(name="valkey_url")
def an_empty_valkey(one_valkey: str) -> str:
    with Redis.from_url(one_valkey) as redis:
        redis.flushall()
    return one_valkey


@pytest.fixture(scope="session")
def meilisearch() -> Iterator[Meilisearch]:
    """Shared by all tests of a process; where there is none, what needs it is skipped and says so."""
    with one_for_the_run() as server:
        yield server


@pytest.fixture
def keyholder() -> Iterator[Path]:
    """The socket of a keyholder of this test's own, with a new store beside it."""
    folder = Path(tempfile.mkdtemp(prefix="keyholder-"))
    child = up.keyholder(folder / "store", folder / "socket", sandbox=True)
    with running(child, folder / "socket", b"hello\n"):
        yield folder / "socket"
    shutil.rmtree(folder)
