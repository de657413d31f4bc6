"""Whoever fills the index may be killed at any moment: afterwards nothing is missing from it, and nothing is stale.

KILLS is how often; `make faults` asks for many more than the whole run of the tests does.
"""

import asyncio
import os
import random
import signal
import sys
from functools import partial

import asyncpg
import pytest
from indexes import Indexes
from test_indexing import agree, notice, publish, wait, withdraw

from procurement.infra.services.supervisor import die_with_parent
from procurement.infra.tx import Database
from procurement.publication.search.consumer import Consumer

pytestmark = pytest.mark.anyio

KILLS = min(int(os.environ.get("KILLS", "2")), 50)
FILLS = """
import asyncio
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.publication.search import reindex
from procurement.publication.search.consumer import Consumer
from procurement.settings import Settings

async def fill():
    database, consumer, reindex.BATCH = Database(Settings.read().database_url, Handlers()), Consumer(), 20
    while True:
        await consumer.sweep(database)
        await asyncio.sleep(0.01)

asyncio.run(fill())
"""


async def test_killed_at_any_moment(database: Database, indexes: Indexes, owner: asyncpg.Connection) -> None:
    dice = random.Random(4)  # the moments differ from kill to kill, and are the same in every run
    await publish(database, map(notice, range(100)))
    preexec = partial(die_with_parent, os.getpid())
    for kill in range(KILLS):
        asked = indexes.tasks()
        filling = await asyncio.create_subprocess_exec(
            sys.executable, "-c", FILLS, env=indexes.settings.environ(), preexec_fn=preexec
        )
        while indexes.tasks() == asked and filling.returncode is None:
            await publish(database, [notice(kill, f"Bridge at kill {kill}"), notice(200 + kill)])
            await withdraw(database, f"2026-{50 + kill:04}")
            await asyncio.sleep(0.02)
        await asyncio.sleep(dice.uniform(0, 0.4))
        filling.kill()
        assert await filling.wait() == -signal.SIGKILL, "it ran until it was killed"
        if kill % 2:  # the next one begins with making everything anew
            await owner.execute("UPDATE search_index SET settings = 'of another release'")
    await Consumer(indexes.settings).sweep(database)
    assert await wait(database) == 0
    assert await agree(database, indexes)
