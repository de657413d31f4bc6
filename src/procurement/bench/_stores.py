"""A database and a search engine of a bench's own, gone with it."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import msgspec

from procurement.bench import CannotMeasure
from procurement.bench._servers import free_port
from procurement.infra import schema
from procurement.infra.outbox import Handlers
from procurement.infra.search import Collection
from procurement.infra.search.keys import scoped
from procurement.infra.search.meili import SEARCH, Meili
from procurement.infra.services.embedded import Postgres
from procurement.infra.services.searching import INDEXING
from procurement.infra.services.supervisor import die_with_parent
from procurement.infra.tx import Database
from procurement.publication.search.filler import Filler
from procurement.publication.search.reindex import rebuild
from procurement.settings import Settings

PATIENCE = 60.0  # seconds until it answers
MASTER_KEY = "a-master-key-for-one-bench"  # of a process of our own on this machine, which keeps nothing
PREFIX = "bench"


class Engine(msgspec.Struct, frozen=True):
    """A database that is up to date, and the Meilisearch beside it where its settings name one."""

    settings: Settings

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        beside = Meili.connect(self.settings)
        one = Database(self.settings.database_url, Handlers(), carried={SEARCH: beside})
        try:
            yield one
        finally:
            await one.dispose()
            if beside:
                beside.close()


@asynccontextmanager
async def postgres(folder: Path, settings: Settings) -> AsyncIterator[Engine]:
    """The database in a folder, a sandbox; empty where there was none."""
    argv = (sys.executable, "-m", "procurement", "database", "--data", str(folder))
    async with _process(argv, wait_for=b"ready") as _:
        found = Postgres(folder, folder / "run")
        named = {"database_url": found.url("app"), "owner_database_url": found.url("owner"), "data": str(folder)}
        await asyncio.to_thread(schema.upgrade, named["owner_database_url"], sandbox=True)
        theirs = {"meilisearch_url": "", "meilisearch_search_key": "", "meilisearch_index_key": ""}
        yield Engine(msgspec.structs.replace(settings, **named, **theirs))


@asynccontextmanager
async def meilisearch(folder: Path, house: Engine) -> AsyncIterator[Engine | None]:
    """The same database with a Meilisearch beside it, filled; None where no binary is on PATH."""
    binary = shutil.which("meilisearch")
    if binary is None:
        yield None
        return
    url = f"http://127.0.0.1:{free_port()}"
    argv = (binary, "--db-path", str(folder / "meilisearch"), "--http-addr", url.removeprefix("http://"),
            "--no-analytics", "--log-level", "ERROR", "--max-indexing-memory", INDEXING)  # fmt: skip
    async with _process(argv, env={"MEILI_MASTER_KEY": MASTER_KEY}, cwd=folder):
        await _answers(f"{url}/health")
        keys = await asyncio.to_thread(scoped, url, MASTER_KEY, PREFIX)
        named = {"meilisearch_url": url, "meilisearch_prefix": PREFIX}
        named |= {"meilisearch_search_key": keys.search, "meilisearch_index_key": keys.index}
        beside = Engine(msgspec.structs.replace(house.settings, **named))
        await _fill(beside)
        yield beside


async def _fill(beside: Engine) -> None:
    """Anew, unless a run before left the indexes whole: then only what waits is told."""
    async with beside.database() as database:
        filler = Filler.of(database, beside.settings)
        async with filler.alone():
            await filler.look()
            for collection in Collection:
                if not (filler.live[collection].belongs and filler.live[collection].current):
                    await _nothing_waits(beside, collection)
                    await rebuild(filler, collection, lambda _: None)
            while await filler.tell():
                pass


async def _nothing_waits(beside: Engine, collection: Collection) -> None:
    """What is made anew is made of everything: nothing has to be told once more."""
    async with as_owner(beside) as owner:
        await owner.execute("DELETE FROM search_waiting WHERE collection = $1", str(collection))


@asynccontextmanager
async def as_owner(engine: Engine) -> AsyncIterator[asyncpg.Connection]:
    """A connection that may do what no process of ours may."""
    owner = await asyncpg.connect(engine.settings.owner_database_url.replace("+asyncpg", ""))
    try:
        yield owner
    finally:
        await owner.close()


@asynccontextmanager
async def _process(
    argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None, wait_for: bytes = b""
) -> AsyncIterator[None]:
    """A process of ours until the end, from the line on that begins with `wait_for`."""
    process = await asyncio.create_subprocess_exec(
        *argv, env={**os.environ, **(env or {})}, cwd=cwd, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, preexec_fn=partial(die_with_parent, os.getpid()),
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            while wait_for and not (line := await process.stdout.readline()).startswith(wait_for):
                if not line:
                    raise CannotMeasure(f"`{argv[0]}` did not start.")
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(url: str) -> None:
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(timeout=5, trust_env=False) as client:
        while True:
            with suppress(httpx.HTTPError):
                if (await client.get(url)).is_success:
                    return
            await asyncio.sleep(0.05)
