"""A database and a search engine of a bench's own, gone with it."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

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
from procurement.infra.services.supervisor import die_with_parent
from procurement.infra.tx import Database
from procurement.publication.search.command import make_anew
from procurement.settings import Settings

PATIENCE = 60.0  # seconds until it answers
MASTER_KEY = "a-master-key-for-one-bench"  # of a process of our own on this machine, which keeps nothing
PREFIX = "bench"


class Engine(msgspec.Struct, frozen=True):
    """A database that is up to date."""

    settings: Settings

    @asynccontextmanager
    async def database(self, engine: Meili | None = None) -> AsyncIterator[Database]:
        one = Database(self.settings.database_url, Handlers(), carried={SEARCH: engine} if engine else {})
        try:
            yield one
        finally:
            await one.dispose()


@asynccontextmanager
async def postgres(folder: Path, settings: Settings) -> AsyncIterator[Engine]:
    """An empty database in a folder."""
    argv = (sys.executable, "-m", "procurement", "database", "--data", str(folder))
    async with _process(argv, wait_for=b"ready") as _:
        found = Postgres(folder, folder / "run")
        await asyncio.to_thread(schema.upgrade, found.url("owner"), sandbox=True)
        theirs = {"meilisearch_url": "", "meilisearch_search_key": "", "meilisearch_index_key": ""}
        yield Engine(msgspec.structs.replace(settings, database_url=found.url("app"), data=str(folder), **theirs))


@asynccontextmanager
async def meilisearch(folder: Path, house: Engine) -> AsyncIterator[Database | None]:
    """The same database with a Meilisearch beside it, filled; None where no binary is on PATH."""
    binary = shutil.which("meilisearch")
    if binary is None:
        yield None
        return
    url = f"http://127.0.0.1:{free_port()}"
    argv = (binary, "--db-path", str(folder / "meilisearch"), "--http-addr", url.removeprefix("http://"),
            "--no-analytics", "--log-level", "ERROR")  # fmt: skip
    async with _process(argv, env={"MEILI_MASTER_KEY": MASTER_KEY}, cwd=folder):
        await _answers(f"{url}/health")
        keys = await asyncio.to_thread(scoped, url, MASTER_KEY, PREFIX)
        named = {"meilisearch_url": url, "meilisearch_index_key": keys.index, "meilisearch_prefix": PREFIX}
        await make_anew(msgspec.structs.replace(house.settings, **named), list(Collection), lambda _: None)
        engine = Meili(url, keys.search, PREFIX)
        async with house.database(engine) as database:
            yield database
        engine.close()


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
