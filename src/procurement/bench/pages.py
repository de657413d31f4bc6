"""Public pages a second: home, a search, a tender and its JSON, by eight visitors who keep their connections.

The limit is a bare handler of the same framework on the same server with the same number of workers, which answers
with the very bytes of the same page from memory. Both are asked in turns, so that a busy moment hits both.

A job's name ends with what the visitor or the service has kept: nothing is added where the service may give a page
again that it made before, "-304" where the visitor sends the ETag of the page it has, "-anew" where the visitor
reloads with force, so that every page is made from the database.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import cycle

import httpx
import msgspec

from procurement.bench import CannotMeasure, Result, compared
from procurement.bench._servers import bare, service
from procurement.bench._visitor import visits
from procurement.settings import Settings

VISITORS = 8
TURN, TURNS = 1.0, 4  # seconds that each side is asked at a time, and how often
WARM = 0.5  # seconds before it counts: caches of statements and templates fill
SEARCH, OURS = "/tenders?status=all", "/tenders?status=all&source=ours"
TENDER = re.compile(r'href="(/tenders/\d{4}-\d+)"')


class Side(msgspec.Struct, frozen=True):
    """Whom to ask for what: each path with the header line that is sent along, "" for none."""

    address: str
    paths: Sequence[tuple[str, str]]


async def measure(job: str, settings: Settings) -> Result:
    """One page of the four, or for "pages" all four in turn; of the service at `settings.base_url` where it runs."""
    name, kept = next((job.removesuffix(end), end) for end in ("-304", "-anew", "") if job.endswith(end))
    async with service(settings) as address:
        found = await _pages(address)
        asked = found if name == "pages" else {name: found[name]}
        answers = await _answers(address, asked)
        mine = Side(
            address,
            [(path, _header(kept, tag)) for path, (_, tag) in zip(asked.values(), answers.values(), strict=True)],
        )
        async with bare({name: body for name, (body, _) in answers.items()}) as other:
            ours, limit = await _in_turns(mine, Side(other, [(f"/{name}", "") for name in answers]))
    return compared(job, ours, limit, TURN * TURNS)


def _header(kept: str, tag: str) -> str:
    return {"": "", "-304": f"If-None-Match: {tag}\r\n", "-anew": "Cache-Control: no-cache\r\n"}[kept]


async def _in_turns(*sides: Side) -> list[list[float]]:
    """The seconds that each request took, of each side."""
    taken: list[list[float]] = [[] for _ in sides]
    for side in sides:
        await requests(side, WARM)
    for _ in range(TURNS):
        for place, side in enumerate(sides):
            taken[place] += await requests(side, TURN)
    return taken


async def requests(side: Side, seconds: float) -> list[float]:
    """How long each request of all visitors together took, in seconds."""
    return await visits(side.address, cycle(side.paths), VISITORS, seconds)


async def _pages(address: str) -> dict[str, str]:
    """The path of each job. Only a tender of ours has a page with its whole life."""
    async with httpx.AsyncClient(base_url=address, timeout=10, trust_env=False) as client:
        search = await client.get(OURS)
    tender = TENDER.search(search.text)
    if not tender:
        raise CannotMeasure(f"{address}{OURS} shows no tender: publish one, or start `procurement up --demo`.")
    return {"home": "/", "tenders": SEARCH, "tender": tender[1], "tender-json": f"/api/v1{tender[1]}"}


async def _answers(address: str, pages: Mapping[str, str]) -> dict[str, tuple[bytes, str]]:
    """What each page answers, and its ETag, under a name with its kind."""
    answers = {}
    async with httpx.AsyncClient(base_url=address, timeout=10, trust_env=False) as client:
        for name, path in pages.items():
            answer = await client.get(path, headers={"Accept-Encoding": "identity"})
            kind = "json" if "json" in answer.headers["content-type"] else "html"
            answers[f"{name}.{kind}"] = answer.content, answer.headers.get("etag", "")
    return answers
