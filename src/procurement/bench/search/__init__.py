"""How long a page of search takes, and how long what it asks takes by itself: on both engines, on one archive.

The archive is made by `seed` in a service of the bench's own; every page is made anew, one after the other, by a web
process as `procurement web` runs it. What each page asks of its engine is written down once, and put to the engine
again without us: the statements to PostgreSQL, the queries to Meilisearch over HTTP. All of them are asked each
question in turn, so that a busy moment hits all of them.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

import msgspec

from procurement.bench._servers import web
from procurement.bench._stores import Engine, meilisearch, postgres
from procurement.bench.search.archive import fill
from procurement.bench.search.asked import addresses
from procurement.bench.search.sides import MeiliByAdapter, MeiliDirectly, Pages, PostgresDirectly, Side
from procurement.settings import Settings

NOTICES = 150_000
ROUNDS = 5  # how often each question is asked, after once that does not count
MOST = {"postgresql": 100.0, "meilisearch": 50.0}  # milliseconds that 95 of 100 pages may take
OVERHEAD = 1.3  # times as long as the engine by itself that asking it may take
SLOWEST = 5  # questions that are named with their median

Taken = list[list[float]]  # of each question, the seconds of each time it was asked


class Figures(msgspec.Struct, frozen=True):
    """Of one engine, in milliseconds. `direct`: what a page asks, without us. `ratio` is p95 / limit_p95;
    `page_overhead` the medians of all pages together / those of `direct`; `overhead` the same of asking alone: the
    queries as our adapter of Meilisearch puts them and reads the answers. PostgreSQL is asked by statements."""

    p50: float
    p95: float
    limit_p95: float
    ratio: float
    direct_p50: float
    direct_p95: float
    page_overhead: float
    overhead: float | None
    limit_overhead: float
    slowest: dict[str, float]


class Searches(msgspec.Struct, frozen=True):
    """`load`: processes that wanted to run when it ended, as the machine counts them; of the bench's own it is one or
    two. `meilisearch` is None where there is none."""

    job: str
    notices: int
    questions: int
    unit: str
    load: float
    postgresql: Figures
    meilisearch: Figures | None


async def measure(job: str, settings: Settings, notices: int = NOTICES, keep: Path | None = None) -> Searches:
    """`keep` is a folder for what was made, so that the next run finds it. Raises CannotMeasure."""
    async with AsyncExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        house = await stack.enter_async_context(postgres(folder, settings))
        await fill(house, notices)
        engines = {"postgresql": house}
        if beside := await stack.enter_async_context(meilisearch(folder, house)):
            engines["meilisearch"] = beside
        asked = await addresses(house)
        sides = {name: await stack.enter_async_context(_sides(one, asked)) for name, one in engines.items()}
        taken = iter(await _in_turns([side for some in sides.values() for side in some], len(asked)))
    figures = {name: _figures(MOST[name], asked, *islice(taken, len(some))) for name, some in sides.items()}
    return Searches(
        job=job,
        notices=notices,
        questions=len(asked),
        unit="ms",
        load=round(os.getloadavg()[0], 1),
        postgresql=figures["postgresql"],
        meilisearch=figures.get("meilisearch"),
    )


@asynccontextmanager
async def _sides(engine: Engine, asked: Sequence[str]) -> AsyncIterator[list[Side]]:
    """Our pages, and the engine by itself; Meilisearch as our adapter asks it, too."""
    async with web(engine.settings) as address, Pages(address, asked) as pages:
        if not engine.settings.meilisearch_url:
            async with PostgresDirectly(engine, asked) as direct:
                yield [pages, direct]
            return
        async with MeiliDirectly(engine, asked) as straight, MeiliByAdapter(engine, asked) as adapter:
            yield [pages, straight, adapter]


async def _in_turns(sides: Sequence[Side], questions: int) -> list[Taken]:
    """Of each side, the seconds of each question."""
    taken: list[Taken] = [[[] for _ in range(questions)] for _ in sides]
    for turn in range(ROUNDS + 1):
        for number in range(questions):
            for place, side in enumerate(sides):
                seconds = await side.ask(number)
                if turn:
                    taken[place][number].append(seconds)
    return taken


def _figures(most: float, asked: Sequence[str], pages: Taken, direct: Taken, adapter: Taken | None = None) -> Figures:
    (p50, p95), (direct_p50, direct_p95) = _percentiles(pages), _percentiles(direct)
    medians = {address: _ms(median(times)) for address, times in zip(asked, pages, strict=True)}
    slowest = sorted(medians.items(), key=lambda one: -one[1])[:SLOWEST]
    return Figures(
        p50=p50,
        p95=p95,
        limit_p95=most,
        ratio=round(p95 / most, 3),
        direct_p50=direct_p50,
        direct_p95=direct_p95,
        page_overhead=_over(pages, direct),
        overhead=_over(adapter, direct) if adapter else None,
        limit_overhead=OVERHEAD,
        slowest=dict(slowest),
    )


def _over(ours: Taken, direct: Taken) -> float:
    return round(sum(map(median, ours)) / sum(map(median, direct)), 2)


def _percentiles(taken: Taken) -> tuple[float, float]:
    every = quantiles((seconds for times in taken for seconds in times), n=20)
    return _ms(every[9]), _ms(every[18])


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
