"""The feed from a real server process: streams over a socket, resumed, and ended in good order."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from functools import partial

import httpx
import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker
from whole_service import free_port

from procurement.infra import db
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.services.supervisor import die_with_parent
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.fact import Fact
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND pid <> pg_backend_pid()"
)


class TramDeparted(Fact, frozen=True, kw_only=True):
    line: int


class Server:
    """One `procurement web` on this test's database, and a log that grows when told to."""

    def __init__(self, settings: Settings, database: Database, sequencer: Sequencer) -> None:
        self.database, self.sequencer = database, sequencer
        self.port = free_port()
        env = msgspec.structs.replace(settings, port=self.port, base_url="").environ()
        argv = [sys.executable, "-m", "procurement", "web"]
        self.process = subprocess.Popen(argv, env=env, preexec_fn=partial(die_with_parent, os.getpid()))
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/api/v1/feed", timeout=20)

    async def until_ready(self) -> None:
        for _ in range(600):
            try:
                await self.http.get("")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        raise AssertionError("it did not start")

    async def until_forgotten(self) -> None:
        """Its connections have ended on the other side too: the database is dropped next."""
        for _ in range(200):
            async with self.database.sessions() as session:
                if not await session.scalar(text(OTHERS)):
                    return
            await asyncio.sleep(0.05)

    async def depart(self, *lines: int) -> None:
        async with self.database.begin(system("test")) as tx:
            for line in lines:
                await tx.record(TramDeparted(line=line), process=f"ocds-{line}")
        await self.sequencer.run_once()

    async def read(self, until: str, **asked: str) -> list[str]:
        """The lines of a stream, to the one that is `until`."""
        headers = {"accept-encoding": "gzip", **({"last-event-id": asked.pop("last")} if "last" in asked else {})}
        lines: list[str] = []
        async with self.http.stream("GET", "/stream", params=asked, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                lines.append(line)
                if line == until:
                    return lines
        raise AssertionError(f"no {until} in {lines}")

    async def read_to_the_end(self, begun: asyncio.Semaphore) -> None:
        """A stream, which the server has to end properly; `begun` is told when its first event is there."""
        async with self.http.stream("GET", "/stream", timeout=60) as answer:
            async for line in answer.aiter_lines():
                if line == "id: 0":
                    begun.release()


@pytest.fixture
async def server(settings: Settings, database: Database) -> AsyncIterator[Server]:
    ordering = db.engine(settings.sequencer_database_url, pool=2)
    key = SignerKey("test.example/record", bytes(32))
    one = Server(settings, database, Sequencer(async_sessionmaker(ordering, expire_on_commit=False), key))
    await one.until_ready()
    yield one
    one.process.terminate()
    one.process.wait(10)
    await one.until_forgotten()
    await one.http.aclose()
    await ordering.dispose()


async def test_a_stream_tells_at_once_resumes_and_passes_by_what_was_not_asked_for(server: Server) -> None:
    await server.depart(1, 2)
    live = asyncio.create_task(server.read("id: 3"))
    await asyncio.sleep(0.3)
    await server.depart(3, 4)
    told = await asyncio.wait_for(live, 10)  # although the reader takes gzip: nothing waits for more
    assert [line for line in told if line.startswith("id: ")] == [f"id: {index}" for index in range(4)]
    data = msgspec.json.decode(next(line for line in told if line.startswith("data: "))[6:])
    assert (data["index"], data["fact"], data["process"]) == (0, {"line": 1}, "ocds-1")
    assert [line for line in await server.read("id: 3", last="1") if line[:2] == "id"] == ["id: 2", "id: 3"]
    assert [line for line in await server.read("id: 3", process="ocds-2") if line[:2] == "id"] == ["id: 1", "id: 3"]


async def test_a_reader_who_leaves_gives_its_place_back(server: Server) -> None:
    await server.depart(1)
    for _ in range(60):  # more than may wait from one address
        with pytest.raises(httpx.ReadTimeout):
            await server.http.get("", params={"after": 0, "wait": 60}, timeout=0.05)
    async with asyncio.timeout(20):
        while (await server.http.get("", params={"after": 0, "wait": 0.1})).status_code != 200:  # noqa: ASYNC110  # only the service knows
            await asyncio.sleep(0.1)


async def test_whoever_waits_is_answered_when_the_process_is_told_to_end(server: Server) -> None:
    await server.depart(1)
    waiting = [asyncio.create_task(server.http.get("", params={"after": 0, "wait": 60})) for _ in range(20)]
    begun = asyncio.Semaphore(0)
    streams = [asyncio.create_task(server.read_to_the_end(begun)) for _ in range(20)]
    for _ in streams:
        await begun.acquire()
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    answers, _ = await asyncio.gather(asyncio.gather(*waiting), asyncio.gather(*streams))
    await asyncio.to_thread(server.process.wait, 10)
    assert time.monotonic() - began < 20, "nobody kept it waiting"
    assert [answer.json() for answer in answers] == [{"changes": [], "next": 0, "head": 0}] * 20
