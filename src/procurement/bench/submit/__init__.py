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

from procurement.bench.submit.cost import spent
from procurement.bench.submit.house import served
from procurement.bench.submit.sides import Bidding, Directly
from procurement.infra import lasting
from procurement.settings import Settings

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
SECONDS = 4.0  # that each side is asked for at a number of clients, after WARM that do not count
WARM = 1.0
LEAST_RATIO, LEAST_RATE = 0.3, 1000.0
STEADY = 0.9  # of the best rate with fewer clients: what more of them may not fall below


class Step(msgspec.Struct, frozen=True):
    """So many bidders at once: accepted bids a second on both sides, milliseconds until the answer, and milliseconds of
    processor time that one bid of ours costs, by who spends them."""

    clients: int
    ours: float
    limit: float
    ratio: float
    p95: float
    limit_p95: float
    p50: float = 0.0
    p99: float = 0.0
    cost: dict[str, float] = {}


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
            lasting.set_apart()  # or bidders, of both sides, would wait for a search of this process
            async with limit.connected():
                steps = [await _step(ours, limit, clients, seconds) for clients in CLIENTS]
    return told(job, steps)


async def _step(ours: Bidding, limit: Directly, clients: int, seconds: float) -> Step:
    await ours.submit(clients, WARM)
    before = spent()
    mine, cost = await ours.submit(clients, seconds), spent()
    cost.subtract(before)
    await ours.must_be_kept()
    await limit.submit(clients, WARM)
    bare = await limit.submit(clients, seconds)
    return Step(
        clients=clients,
        ours=round(len(mine) / seconds, 1),
        limit=round(len(bare) / seconds, 1),
        ratio=round(len(mine) / len(bare), 3),
        p50=_slower(mine, 50),
        p95=_slower(mine, 95),
        p99=_slower(mine, 99),
        limit_p95=_slower(bare, 95),
        cost={who: round(used / len(mine), 2) for who, used in sorted(cost.items())},
    )


def _slower(taken: Sequence[float], of_100: int) -> float:
    """Milliseconds within which so many of 100 were answered."""
    return round((quantiles(taken, n=100)[of_100 - 1] if len(taken) > 1 else taken[0]) * 1000, 2)


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
