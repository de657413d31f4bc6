"""Public pages a second: home, search, a tender and its JSON in turn, by eight visitors who keep their connections.

The limit is a bare Litestar handler on the same server with the same settings: nothing that is served through this
framework on this machine can be quicker. Both are asked in turns, so that a busy moment of the machine hits both.
"""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from urllib.parse import urlsplit

import httpx

from procurement.bench import CannotMeasure, Result, compared
from procurement.settings import Settings

VISITORS = 8
TURN, TURNS = 2.0, 3  # seconds that each side is asked at a time, and how often
SEARCH = "/tenders?status=all"
TENDER = re.compile(r'href="(/tenders/\d{4}-\d+)"')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


async def measure(settings: Settings) -> Result:
    """Asks the service at `settings.base_url`, which must be running with at least one published tender."""
    paths = await _paths(settings.base_url)
    counts = {"ours": 0, "limit": 0}
    async with _bare() as bare:
        for _ in range(TURNS):
            counts["ours"] += await _requests(settings.base_url, paths)
            counts["limit"] += await _requests(bare, ["/"])
    seconds = TURN * TURNS
    return compared("pages", counts["ours"] / seconds, counts["limit"] / seconds, "requests/s")


async def _paths(address: str) -> list[str]:
    try:
        async with httpx.AsyncClient(base_url=address, timeout=10) as client:
            search = await client.get(SEARCH)
    except httpx.HTTPError as nobody:
        raise CannotMeasure(f"{address} does not answer ({nobody}): start `procurement up --demo` first.") from None
    tender = TENDER.search(search.text)
    if not tender:
        raise CannotMeasure(f"{address}{SEARCH} shows no tender: publish one, or start `procurement up --demo`.")
    return ["/", SEARCH, tender[1], f"/api/v1{tender[1]}"]


@asynccontextmanager
async def _bare() -> AsyncIterator[str]:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "procurement.bench._bare", str(port))
    try:
        async with asyncio.timeout(20):
            while not await _answers(port):  # noqa: ASYNC110 (another process can set no event of ours)
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False


async def _requests(address: str, paths: Sequence[str]) -> int:
    """How many requests all visitors together had answered in one turn."""
    ends = asyncio.get_running_loop().time() + TURN
    try:
        async with asyncio.TaskGroup() as group:
            visits = [group.create_task(_visit(address, paths, ends, first)) for first in range(VISITORS)]
    except* CannotMeasure as several:
        raise several.exceptions[0] from None
    return sum(visit.result() for visit in visits)


async def _visit(address: str, paths: Sequence[str], ends: float, first: int) -> int:
    """One visitor on one connection; each begins with another page."""
    where, loop = urlsplit(address), asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    answered = 0
    with closing(writer):
        while loop.time() < ends:
            path = paths[(first + answered) % len(paths)]
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            if not head.startswith(b"HTTP/1.1 200 ") or not length:
                raise CannotMeasure(f"{path} answers {head.splitlines()[0].decode()}.")
            await reader.readexactly(int(length[1]))
            answered += 1
    return answered
