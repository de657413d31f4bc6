"""An index made anew beside the one that answers, which it then replaces from one search to the next.

What changes meanwhile is told to both. Killed at any point, the live index goes on as it was, and the next attempt
starts over.
"""

import time
from collections import deque
from collections.abc import Callable

from procurement.infra.freshness import PUBLISHED, changed
from procurement.infra.search import Collection
from procurement.kernel.ids import new_id
from procurement.publication.search import indexed
from procurement.publication.search.filler import INDEXER, Building, Filler, Live
from procurement.publication.search.index_settings import SETTINGS, name, version
from procurement.publication.search.sources import SOURCES

BATCH = 2_000  # documents read in one transaction
AHEAD = 4  # pushes the engine may still have to do while the next documents are read
OFTEN = 2.0  # seconds between two lines of progress

Say = Callable[[str], None]


async def rebuild(filler: Filler, collection: Collection, say: Say) -> None:
    """Inside of `alone`, after a look. Raises EngineFailed."""
    began, uid = time.monotonic(), name(filler.prefix, collection)
    filler.building = Building(collection, f"{uid}_new", new_id())
    try:
        documents = await _Filling(filler, filler.building, say).run()
        await filler.filling.exchange(filler.building.uid, uid)
        ticket = filler.building.ticket
    finally:
        filler.building = None
    async with filler.database.begin(INDEXER) as tx:
        await indexed.built(tx, collection, uid, version(collection), ticket, documents)
        await changed(tx, PUBLISHED)
    filler.live[collection] = Live(uid, await filler.filling.index(uid), True, True, ticket)
    seconds = time.monotonic() - began
    say(f"{collection}: {documents:,} documents in {seconds:.1f} s, {documents / seconds:,.0f} a second")


class _Filling:
    """A new index on its way."""

    def __init__(self, filler: Filler, building: Building, say: Say) -> None:
        self.filler, self.building, self.say = filler, building, say
        self.source = SOURCES[building.collection]
        self.under_way: deque[int] = deque()
        self.pushed, self.total, self.told_at = 0, 0, time.monotonic()

    async def run(self) -> int:
        """Make it, fill it, and leave it complete; returns how many documents were put in."""
        filling = self.filler.filling
        async with self.filler.database.begin(INDEXER) as tx:
            self.total = await self.source.count(tx)
        await filling.make(self.building.uid, SETTINGS[self.building.collection])
        last = await self._next("")
        while last:
            last = await self._next(last)
            while len(self.under_way) > AHEAD:
                await filling.settle([self.under_way.popleft()])
            await self.filler.tell_all()
            self._progress()
        await filling.settle(self.under_way)
        await self.filler.tell_all()
        await filling.settle(await filling.seal(self.building.uid, self.building.ticket))
        return self.pushed

    async def _next(self, last: str) -> str:
        """Push the documents that follow; returns the last id of them, "" when no more follow but newer ones, which
        are told as all that changes."""
        async with self.filler.database.begin(INDEXER) as tx:
            ids = await self.source.after(tx, last, BATCH)
            documents = await self.source.documents(tx, ids)
        self.under_way += await self.filler.filling.put(self.building.uid, documents.values(), self.building.ticket)
        self.pushed += len(documents)
        return ids[-1] if len(ids) == BATCH else ""

    def _progress(self) -> None:
        if time.monotonic() - self.told_at > OFTEN:
            self.told_at = time.monotonic()
            share = 100 * self.pushed // max(self.total, self.pushed)
            self.say(f"{self.building.collection}: {share} %, {self.pushed:,} of {self.total:,} documents")
