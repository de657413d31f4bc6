"""Public pages a second: home, search, a tender and its JSON, by eight visitors who keep their connections.

The limit is a bare handler of the same framework on the same server with the same number of workers, which answers
with the very bytes of the same page from memory. Both are asked in turns, so that a busy moment hits both.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from urllib.parse import urlsplit

import httpx

from procurement.bench import CannotMeasure, Result, compared
from procurement.bench._servers import bare, service
from procurement.settings import Settings

VISITORS = 8
TURN, TURNS = 1.0, 4  # seconds that each side is asked at a time, and how often
WARM = 0.5  # seconds before it counts: caches of statements and templates fill
SEARCH, OURS = "/tenders?status=all", "/tenders?status=all&source=ours"
TENDER = re.compile(r'href="(/tenders/\d{4}-\d+)"')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


async def measure(job: str, settings: Settings) -> Result:
    """One page of the four, or for "pages" all four in turn; of the service at `settings.base_url` where it runs."""
    async with service(settings) as address:
        found = await _pages(address)
        asked = found if job == "pages" else {job: found[job]}
        bodies = await _bodies(address, asked)
        async with bare(bodies) as other:
            ours, limit = await _in_turns((address, list(asked.values())), (other, [f"/{name}" for name in bodies]))
    return compared(job, ours, limit, "requests/s")


async def _in_turns(*sides: tuple[str, Sequence[str]]) -> list[float]:
    """Requests a second of each side."""
    counts = [0] * len(sides)
    for address, paths in sides:
        await requests(address, paths, WARM)
    for _ in range(TURNS):
        for side, (address, paths) in enumerate(sides):
            counts[side] += await requests(address, paths, TURN)
    return [count / (TURN * TURNS) for count in counts]


async def _pages(address: str) -> dict[str, str]:
    """The path of each job. Only a tender of ours has a page with its whole life."""
    async with httpx.AsyncClient(base_url=address, timeout=10, trust_env=False) as client:
        search = await client.get(OURS)
    tender = TENDER.search(search.text)
    if not tender:
        raise CannotMeasure(f"{address}{OURS} shows no tender: publish one, or start `procurement up --demo`.")
    return {"home": "/", "search": SEARCH, "tender": tender[1], "tender-json": f"/api/v1{tender[1]}"}


async def _bodies(address: str, pages: Mapping[str, str]) -> dict[str, bytes]:
    """What each page answers, under a name with its kind."""
    bodies = {}
    async with httpx.AsyncClient(base_url=address, timeout=10, trust_env=False) as client:
        for name, path in pages.items():
            answer = await client.get(path, headers={"Accept-Encoding": "identity"})
            kind = "json" if "json" in answer.headers["content-type"] else "html"
            bodies[f"{name}.{kind}"] = answer.content
    return bodies


async def requests(address: str, paths: Sequence[str], seconds: float) -> int:
    """How many requests all visitors together had answered in that time."""
    ends = asyncio.get_running_loop().time() + seconds
    try:
        async with asyncio.TaskGroup() as group:
            visits = [group.create_task(_visit(address, paths, ends, first)) for first in range(VISITORS)]
    except* CannotMeasure as several:
        raise several.exceptions[0] from None
    except* (OSError, EOFError) as broken:
        raise CannotMeasure(f"{address} stopped answering ({broken.exceptions[0]}).") from None
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
