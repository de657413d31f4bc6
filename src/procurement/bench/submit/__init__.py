"""How many sealed bids are accepted a second over HTTP, by more and more bidders at once, and how many could be at all.

The service is one of the bench's own: PostgreSQL and Valkey as durable as real ones, and one web process as
`procurement web` runs it. Each bidder has stored its sealed parts before, and submits version after version with a
token of its own, as soon as the last receipt is there. The limit are the same rows, written by asyncpg with prepared
statements on one connection for each bidder, in transactions that commit as durably, to the same tables with the same
triggers. Both sides take turns, so that a busy moment hits both.
"""

import os
import tempfile
from collections.abc import Sequence
from statistics import quantiles

import msgspec

from procurement.bench.submit.house import served
from procurement.bench.submit.sides import Bidding, Directly
from procurement.settings import Settings

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
SECONDS = 4.0  # that each side is asked for at a number of clients, after WARM that do not count
WARM = 1.0
LEAST_RATIO, LEAST_RATE = 0.3, 1000.0
STEADY = 0.9  # of the best rate with fewer clients: what more of them may not fall below


class Step(msgspec.Struct, frozen=True):
    """So many bidders at once: accepted bids a second on both sides, and milliseconds."""

    clients: int
    ours: float
    limit: float
    ratio: float
    p95: float
    limit_p95: float


class Submitting(msgspec.Struct, frozen=True):
    """`ours`, `limit` and the like are those of the most clients. `load`: processes that wanted to run when it ended,
    as the machine counts them; of the bench's own it is three or four. `steady`: the rate never fell as clients
    grew."""

    job: str
    ours: float
    limit: float
    ratio: float
    unit: str
    p95: float
    limit_p95: float
    load: float
    steady: bool
    good: bool
    steps: list[Step]


async def measure(job: str, settings: Settings, seconds: float = SECONDS) -> Submitting:
    """`seconds` for each side at each number of clients. The service at `settings` is not touched."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with served(folder, 2 * max(CLIENTS)) as made:
            half = max(CLIENTS)
            ours, limit = Bidding(made, made.bidders[:half]), Directly(made, made.bidders[half:])
            async with limit.connected():
                steps = [await _step(ours, limit, clients, seconds) for clients in CLIENTS]
    return told(job, steps)


async def _step(ours: Bidding, limit: Directly, clients: int, seconds: float) -> Step:
    taken: list[list[float]] = []
    for side in (ours, limit):
        await side.submit(clients, WARM)
        taken.append(await side.submit(clients, seconds))
    rates = [len(one) / seconds for one in taken]
    slow = [round(_p95(one) * 1000, 2) for one in taken]
    return Step(clients, round(rates[0], 1), round(rates[1], 1), round(rates[0] / rates[1], 3), slow[0], slow[1])


def _p95(taken: Sequence[float]) -> float:
    return quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]


def told(job: str, steps: list[Step]) -> Submitting:
    """What was measured, and whether it is enough."""
    last, best, steady = steps[-1], 0.0, True
    for step in steps:
        steady = steady and step.ours >= best * STEADY
        best = max(best, step.ours)
    return Submitting(
        job=job,
        ours=last.ours,
        limit=last.limit,
        ratio=last.ratio,
        unit="bids/s",
        p95=last.p95,
        limit_p95=last.limit_p95,
        load=round(os.getloadavg()[0], 1),
        steady=steady,
        good=steady and last.ratio >= LEAST_RATIO and last.ours >= LEAST_RATE,
        steps=steps,
    )
