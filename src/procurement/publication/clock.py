"""What the clock starts: what is searched is derived anew where it must be, and its words are counted.

If it never runs, only what was published before the rules or labels changed is found by the old ones.
"""

import asyncio

from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.publication.service.counting import count_words
from procurement.publication.service.rederiving import derive_some

SPELL = 1.0  # seconds that it works at a time
DERIVER = system("publication")


async def sweep(database: Database) -> None:
    """A second's work at most, each step in a transaction of its own."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + SPELL
    more = True
    while more and loop.time() < ends:
        async with database.begin(DERIVER) as tx:
            more = not tx.read_only and await derive_some(tx)
    async with database.begin(DERIVER) as tx:
        if not tx.read_only:
            await count_words(tx)
