"""Cover entries: hidden entries that mean nothing, so that counting hidden entries does not count bids.

In public a hidden entry is its place and 32 bytes, whatever is behind it; only how many there are, and when, can tell.
A bid leaves two of them: its receipt, and the delivery of the notice about it, which a job records a moment later. A
cover leaves two in the same way. How many covers an hour has is drawn anew each hour, from a geometric distribution:
docs/ledger.md says what an observer can still conclude, and what not.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator

from procurement.infra.ledger.facts import CoverFollowed, CoverRecorded
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system

HOUR = 3600.0  # seconds for which one rate holds
WHO = system("ledger")

_chance = random.SystemRandom()


def rate(mean: float, chance: random.Random = _chance) -> float:
    """Covers an hour, for one hour. Exponential with that mean, so that their number is geometric with that mean."""
    return chance.expovariate(1 / mean)


async def keep_covering(database: Database, mean: float, wake: Callable[[], None]) -> None:
    """Record covers for ever, `mean` of them an hour on average; none when 0. `wake` is called after each, as after
    everything that queues a job."""
    while mean:
        end = time.monotonic() + HOUR
        for wait in waits(HOUR, rate(mean)):
            await asyncio.sleep(wait)
            await _cover(database, wake)
        await asyncio.sleep(max(end - time.monotonic(), 0))
    await asyncio.Event().wait()


def waits(seconds: float, per_hour: float, chance: random.Random = _chance) -> Iterator[float]:
    """The pauses before each of the covers of that time, in seconds; at random moments (Poisson)."""
    wait = chance.expovariate(per_hour / HOUR)
    while wait < seconds:
        yield wait
        seconds -= wait
        wait = chance.expovariate(per_hour / HOUR)


async def _cover(database: Database, wake: Callable[[], None]) -> None:
    async with database.begin(WHO) as tx:
        if not tx.read_only:  # then no bid comes either
            await tx.record(CoverRecorded())
    wake()


@handles(CoverRecorded)
async def follow_cover(tx: Tx, recorded: Recorded[CoverRecorded]) -> None:
    """The second entry comes as the second one of a bid does: from the outbox."""
    await tx.record(CoverFollowed())


HANDLERS = (follow_cover,)
