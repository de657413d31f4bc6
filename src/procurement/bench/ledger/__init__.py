"""The ledger: how soon a paced stream of facts stands in a signed checkpoint, and how long a large log takes to verify.

The database is one of the bench's own, as durable as a real one. Facts are written by the statement that `tx.record`
uses, each in a transaction of its own, at a fixed pace; the sequencer runs as the worker runs it. What counts for a
fact is the time from the moment its commit was acknowledged to the moment a signed checkpoint covers it.
"""

import asyncio
import os
import tempfile
from pathlib import Path

import msgspec

from procurement.bench.ledger.verifying import Verified, verified
from procurement.bench.ledger.writing import Sequenced, sequenced
from procurement.infra import schema
from procurement.infra.services import up
from procurement.infra.services.supervisor import Supervisor
from procurement.settings import Settings

SECONDS = 600
RATE = 2_000  # facts a second
ENTRIES = 1_000_000
HELD = 0.99  # of the pace
SOON = 1_000.0  # milliseconds within which 99 of 100 facts have to be covered
QUICK = 10.0  # seconds that verifying may take


class Ledger(msgspec.Struct, frozen=True):
    """`load`: processes that wanted to run when it ended; of the bench's own it is about two. `good`: the pace was
    held, 99 of 100 facts were covered within a second, and the log was verified within ten."""

    job: str
    load: float
    sequenced: Sequenced
    verified: Verified
    good: bool


async def measure(job: str, settings: Settings, seconds: int = SECONDS, entries: int = ENTRIES) -> Ledger:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with Supervisor(Path(folder)) as house:
            made = await up.databases(house, Settings(data=folder, redis_url="unix:///nowhere"))
            await asyncio.to_thread(schema.upgrade, made.owner_database_url, sandbox=True)
            written = await sequenced(made, seconds, RATE)
    checked = verified(entries)
    return Ledger(
        job=job,
        load=round(os.getloadavg()[0], 1),
        sequenced=written,
        verified=checked,
        good=written.rate >= RATE * HELD and written.p99 <= SOON and checked.seconds <= QUICK,
    )
