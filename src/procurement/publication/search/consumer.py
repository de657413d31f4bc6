"""What the worker does for a search engine beside the database: it tells what changed, mends what is wrong."""

import logging
import time
from functools import cache

from procurement.infra.search.filling import Index
from procurement.infra.tx import Database
from procurement.publication.search import figures, indexed
from procurement.publication.search.filler import INDEXER, Filler
from procurement.publication.search.reindex import rebuild
from procurement.settings import Settings

LOOK = 10.0  # seconds between two looks at whether the indexes are still there, where nothing changes

log = logging.getLogger(__name__)


@cache
def _settings() -> Settings:
    """A worker has the same settings for as long as it runs."""
    return Settings.read()


class Consumer:
    """Called by the clock. It may be killed at any moment, and another process may have one too."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings
        self.filler: Filler | None = None
        self.looked_at = float("-inf")
        self.begun = False

    async def sweep(self, database: Database) -> None:
        """Tell the engine all that waits. Raises EngineFailed: it waits on, and the next sweep tries again."""
        settings = self.settings or _settings()
        async with database.begin(INDEXER) as tx:
            if not settings.meilisearch_url:
                await indexed.abandon(tx)
                return
            waits, lag = await indexed.lag(tx)
        figures.tell(waits, lag)
        self.filler = self.filler or Filler.of(database, settings)
        if not (waits or self.filler.doubtful) and time.monotonic() - self.looked_at < LOOK:
            return
        async with self.filler.alone() as mine:
            if mine:
                await self._keep_up(self.filler)

    async def _keep_up(self, filler: Filler) -> None:
        """Make anew what is not the index that this database filled, or was made by an older program; then tell.

        An index that another program made since this one began is left to that: it is a newer release coming in, or
        an older one coming back, and its worker runs beside this one.
        """
        await filler.look()
        for collection, live in list(filler.live.items()):
            if not live.belongs or not (live.current or self.begun):
                await rebuild(filler, collection, log.info)
        self.begun, self.looked_at = True, time.monotonic()
        if all(live.current for live in filler.live.values()):
            await filler.tell_all()
        figures.count({one: live.index or Index(0, 0) for one, live in filler.live.items()})
