"""Facts at a fixed pace, and a sequencer beside them."""

import asyncio
import time
from array import array
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import msgspec
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import async_sessionmaker

from procurement.bench import CannotMeasure
from procurement.infra import db
from procurement.infra.ledger import writing
from procurement.infra.ledger.anchor import Anchor
from procurement.infra.ledger.sequencer import Sequencer
from procurement.kernel.checkpoint import SignerKey
from procurement.settings import Settings

WRITERS = 16  # connections: what commits at the same moment shares one write to the disk
TICK = 0.01  # seconds between two looks at how many facts are due
BATCHES = 0.3  # seconds between two runs of the sequencer, as in the worker
MOMENT = datetime(2026, 11, 22, 9, tzinfo=UTC)
BODY = b'{"actor":"person:aaaaaaaaaaaaaaaa","at":"2026-11-22T09:00:00.000000Z","fact":{"n":%020d,"text":"' + b"x" * 280


class Sequenced(msgspec.Struct, frozen=True):
    """Milliseconds until a fact stood under a signed checkpoint; `rate` is facts a second as they were written."""

    facts: int
    seconds: float
    rate: float
    p50: float
    p99: float
    longest: float
    largest_batch: int


class Run:
    """Moments are of one clock, in seconds: when each record (by id) was acknowledged, when each size was signed."""

    def __init__(self) -> None:
        self.ids, self.acknowledged = array("q"), array("d")
        self.signed: list[tuple[int, float]] = []
        self.batches: list[int] = []


async def sequenced(settings: Settings, seconds: int, rate: int) -> Sequenced:
    """Write `rate` facts a second for so long, wait until all are covered, and say how soon each was."""
    key = SignerKey("bench.example/record", bytes(range(32)))
    ordering = db.engine(settings.sequencer_database_url, pool=2)
    anchor = Anchor(Path(settings.data), key.verifier)
    sequencer = Sequencer(async_sessionmaker(ordering, expire_on_commit=False), key, anchor)
    pool = await asyncpg.create_pool(settings.database_url.replace("+asyncpg", ""), min_size=WRITERS, max_size=WRITERS)
    run, stop = Run(), asyncio.Event()
    ordered = asyncio.create_task(_order(sequencer, run, stop))
    began = time.monotonic()
    await _write(pool, run, seconds * rate, rate)
    took = time.monotonic() - began
    stop.set()
    await ordered
    soon = await _soon(pool, run)
    await pool.close()
    await ordering.dispose()
    cuts = quantiles(soon, n=100)
    return Sequenced(
        facts=len(soon),
        seconds=round(took, 1),
        rate=round(len(soon) / took, 1),
        p50=round(cuts[49] * 1000, 1),
        p99=round(cuts[98] * 1000, 1),
        longest=round(max(soon) * 1000, 1),
        largest_batch=max(run.batches),
    )


async def _write(pool: Any, run: Run, facts: int, rate: int) -> None:
    """A few connections take turns; whoever is late catches up, so that the pace holds over time."""
    statement, order = for_the_driver()
    began, taken = time.monotonic(), 0

    async def one_writer() -> None:
        nonlocal taken
        async with pool.acquire() as connection:
            prepared = await connection.prepare(statement)
            while taken < facts:
                if taken >= (time.monotonic() - began) * rate:
                    await asyncio.sleep(TICK)
                    continue
                number, taken = taken, taken + 1
                id_ = await prepared.fetchval(*_values(number, order))
                run.ids.append(id_)
                run.acknowledged.append(time.monotonic())

    await asyncio.gather(*(one_writer() for _ in range(WRITERS)))


def for_the_driver() -> tuple[str, list[str]]:
    """The service's own statement as the driver takes it, and which value stands where."""
    made = writing.WRITE.compile(dialect=PGDialect_asyncpg())  # type: ignore[no-untyped-call]  # SQLAlchemy types no dialect
    return str(made), list(made.positiontup or ())


def _values(number: int, order: list[str]) -> list[Any]:
    body = BODY % number + b'"},"organisation":"","process":"","type":"Counted"}'
    named = {
        "at": MOMENT, "type": "Counted", "process": "", "organisation": "", "actor": "system:bench",
        "visible": "at-once", "body": body, "salt": number.to_bytes(32), "topics": [],
    }  # fmt: skip
    return [named[name] for name in order]


async def _order(sequencer: Sequencer, run: Run, stop: asyncio.Event) -> None:
    """As the worker does; once more after the writers have ended."""
    size = 0
    while True:
        last = stop.is_set()
        while placed := await sequencer.run_once():
            size += placed
            run.batches.append(placed)
            run.signed.append((size, time.monotonic()))
        if last:
            return
        await asyncio.sleep(BATCHES)


async def _soon(pool: Any, run: Run) -> list[float]:
    """For each fact the seconds from its acknowledgement to the signature; 0 where that came first."""
    rows = await pool.fetch("SELECT record_id, leaf_index FROM ledger_leaf")
    place = {row["record_id"]: row["leaf_index"] for row in rows}
    if len(place) != len(run.ids):
        raise CannotMeasure(f"{len(run.ids)} facts were written, and {len(place)} stand in the log.")
    covered = array("d", bytes(8 * len(place)))
    start = 0
    for size, at in run.signed:
        for index in range(start, size):
            covered[index] = at
        start = size
    return [max(covered[place[id_]] - at, 0.0) for id_, at in zip(run.ids, run.acknowledged, strict=True)]
