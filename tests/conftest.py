"""One PostgreSQL for the whole run; each test that asks for `settings` gets a fresh copy of the migrated database.

The databases are sandboxes: a test may move legal time forward. Valkey is emptied before each test. A test that
asks for `keyholder` has a keyholder of its own, and its `settings` know it.
"""

import gc
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import compiled_once
import httpx
import pytest
from dropping import drop
from indexes import Indexes
from legal_clock import Advance, clock_of
from litestar.types import Receive, Scope, Send
from meilisearch_server import Meilisearch
from routed_once import routes
from settled import BEGIN_IN_TOWN, TOWNS
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starting import TEMPLATE, start_server

from procurement.infra import db
from procurement.infra.outbox import Handlers
from procurement.infra.services.embedded import Postgres
from procurement.infra.tx import Database
from procurement.settings import Settings

if TYPE_CHECKING:
    from tendering import Town

    from procurement.app import Parts

pytest_plugins = ("opened_once", "practice", "real_parts")

LONGEST = ("tests/test_wheel.py", "tests/test_up.py", "tests/faults/", "tests/test_deploy.py")
"""Whole services that are started, killed and attacked; at the end of a run one worker would be alone with them."""

SELDOM = (50_000, 10, 10)
"""How much is made before garbage is looked for; and what was collected is frozen. Without both it took a fifth of the
time of tests/tenders."""


def pytest_configure(config: pytest.Config) -> None:
    """With xdist its workers share one server, made before them; without, the first test that needs it makes it."""
    gc.set_threshold(*SELDOM)
    compiled_once.share()
    if not hasattr(config, "workerinput") and config.getoption("numprocesses", 0):
        start_server(config)


def pytest_collection_finish() -> None:
    """Nothing that was collected is garbage before the end."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin, one after the other on one worker; the others take over the rest of what it was given."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
async def settled(
    admin: asyncpg.Connection, postgres: Postgres, worker_id: str
) -> AsyncIterator[tuple[str, "Town | None"]]:
    """A database with the town in it, which nobody changes."""
    from tendering import settle_town

    from procurement import stages

    name = f"settled_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    database = Database(postgres.url("app", name), Handlers(stages.HANDLERS))
    town = await settle_town(database)
    await database.dispose()
    yield name, town
    await drop(admin, name)


@pytest.fixture
def origin(request: pytest.FixtureRequest) -> tuple[str, "Town | None"]:
    """The database that a test's own is a copy of, and the town in it."""
    if "opened_scene" in request.fixturenames:
        name, scene = request.getfixturevalue("opened_database")
        return name, scene.town
    if BEGIN_IN_TOWN.isdisjoint(request.fixturenames):
        return TEMPLATE, None
    found: tuple[str, Town | None] = request.getfixturevalue("settled")
    return found


_numbers = itertools.count()


@pytest.fixture
async def settings(
    admin: asyncpg.Connection,
    postgres: Postgres,
    origin: tuple[str, "Town | None"],
    valkey_url: str,
    worker_id: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Settings]:
    """Settings whose database is this test's own."""
    name = f"test_{worker_id}_{next(_numbers)}"
    keyholder = request.getfixturevalue("keyholder") if "keyholder" in request.fixturenames else "/nowhere"
    template, town = origin
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    if town:
        TOWNS[name] = town
    yield Settings(
        database_url=postgres.url("app", name),
        owner_database_url=postgres.url("owner", name),
        sequencer_database_url=postgres.url("sequencer", name),
        redis_url=valkey_url,
        keyholder_socket=str(keyholder),
        base_url="http://test",
        pages_per_minute=0,  # many people here are one peer
        data=str(tmp_path / "data"),
    )
    await drop(admin, name)
    TOWNS.pop(name, None)


@pytest.fixture
def indexes(settings: Settings, meilisearch: Meilisearch) -> Iterator[Indexes]:
    """Indexes of this test's own for its own database."""
    one = Indexes(meilisearch, settings)
    yield one
    one.forget()


@pytest.fixture
def own_indexes(settings: Settings) -> Iterator[Indexes]:
    """The same in a server of this test's own, which may be killed."""
    with Meilisearch() as server:
        yield Indexes(server, settings)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Transactions on this test's own database, with every stage's handlers."""
    from procurement import stages

    one = Database(settings.database_url, Handlers(stages.HANDLERS))
    yield one
    await one.dispose()


@pytest.fixture
async def ordering(settings: Settings) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions of the role that puts the ledger in order."""
    engine = db.engine(settings.sequencer_database_url, pool=2)
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The database as the role that owns the schema."""
    connection = await asyncpg.connect(settings.owner_database_url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


@pytest.fixture
def advance(owner: asyncpg.Connection) -> Advance:
    """Move the sandbox's legal clock of this test's database forward."""
    return clock_of(owner)


Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator["Parts"]:
    """What the application of this test stands on."""
    from procurement.app import Parts  # a test of one stage needs no other

    parts = Parts(settings)
    async with parts.connected():
        yield parts


@pytest.fixture
async def client(settings: Settings, parts: "Parts") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this test's own loop."""
    async with _served(settings, parts) as client:
        yield client


@pytest.fixture
def serve() -> Serve:
    """A client of the application with other settings than the test's own; `raising` passes on what breaks in it."""
    from procurement.app import Parts

    @asynccontextmanager
    async def with_settings(settings: Settings, *, raising: bool = True) -> AsyncIterator[httpx.AsyncClient]:
        parts = Parts(settings)
        async with parts.connected(), _served(settings, parts, raising) as client:
            yield client

    return with_settings


@asynccontextmanager
async def _served(settings: Settings, parts: "Parts", raising: bool = True) -> AsyncIterator[httpx.AsyncClient]:
    app = routes(settings)
    behind = parts.under(app.asgi_handler)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = scope["litestar_app"] = app
        scope.setdefault("state", {})
        await behind(scope, receive, send)

    transport = httpx.ASGITransport(answer, raise_app_exceptions=raising)
    async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client:
        yield client
