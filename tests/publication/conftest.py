"""The scene of a procurement from publication to contract, and a worker that follows its facts."""

import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
import searched
from dropping import drop
from evaluated import Scene
from meilisearch_server import Meilisearch
from waiting import Work

from procurement.infra.outbox import Handlers
from procurement.infra.search.keys import scoped
from procurement.infra.search.meili import SEARCH, Meili
from procurement.infra.services.embedded import Postgres
from procurement.infra.sweep import handle_one
from procurement.infra.tx import Database


@pytest.fixture
def work(database: Database, owner: asyncpg.Connection) -> Work:
    """Do every waiting job; one that fails fails the test."""

    async def all_of_it() -> None:
        while await handle_one(database):
            pass
        assert await owner.fetch("SELECT topic, problem FROM outbox WHERE problem <> ''") == []

    return all_of_it


@pytest.fixture
def scene(opened_scene: Scene) -> Scene:
    return opened_scene


@pytest.fixture(scope="session")
async def published(admin: asyncpg.Connection, postgres: Postgres, worker_id: str) -> AsyncIterator[Database]:
    """A database with what `searched` publishes in it, for tests that only read."""
    name = f"searched_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE procurement STRATEGY FILE_COPY")
    database = Database(postgres.url("app", name), Handlers(()))
    await searched.publish(database)
    yield database
    await database.dispose()
    await drop(admin, name)


@pytest.fixture(scope="session")
async def by_meilisearch(published: Database, meilisearch: Meilisearch) -> AsyncIterator[Database]:
    """The same database, with Meilisearch beside it."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    keys = scoped(meilisearch.url, meilisearch.master_key, prefix)
    await searched.fill(published, meilisearch.url, keys.index, prefix)
    engine = Meili(meilisearch.url, keys.search, prefix)
    url = published.engine.url.render_as_string(hide_password=False)
    database = Database(url, Handlers(()), carried={SEARCH: engine})
    yield database
    engine.close()
    await database.dispose()


@pytest.fixture(params=("published", "by_meilisearch"), ids=("postgresql", "meilisearch"))
def searching(request: pytest.FixtureRequest) -> Database:
    """What `searched` publishes, as each engine searches it."""
    found: Database = request.getfixturevalue(request.param)
    return found
