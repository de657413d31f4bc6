"""Telling a search engine what changed: one process at a time, in the order in which the database is read.

A document is pushed as it is in the database when it is read, so pushing it twice, or after a newer change, does no
harm. Killed at any moment, whatever was not forgotten is told again.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.freshness import PUBLISHED, changed
from procurement.infra.ledger import feed
from procurement.infra.search import Collection
from procurement.infra.search.filling import Filling, Index
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.publication.search import indexed, waiting
from procurement.publication.search.documents import KEY, Document, key
from procurement.publication.search.index_settings import name, version
from procurement.publication.search.sources import SOURCES
from procurement.publication.search.waiting import Waiting
from procurement.settings import Settings

INDEXER = system("search")
AT_ONCE = 1_000  # documents of one round
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('publication.search'))")
STILL = text("SELECT 1")


class Live(msgspec.Struct):
    """The index that answers for a collection now. `index` is None where there is none; `belongs`: see `indexed`;
    `current`: made with this program's settings; `seen`: the newest ticket in it."""

    uid: str
    index: Index | None
    belongs: bool
    current: bool
    seen: str


class Building(msgspec.Struct, frozen=True):
    """The index that is being made for a collection, and the ticket of all that is pushed into it."""

    collection: Collection
    uid: str
    ticket: str


class Filler:
    """Fills the indexes of one engine from one database. Use it inside of `alone` only."""

    def __init__(self, database: Database, filling: Filling, prefix: str) -> None:
        self.database, self.filling, self.prefix = database, filling, prefix
        self.live: dict[Collection, Live] = {}
        self.building: Building | None = None
        self.lock: AsyncSession
        self.doubtful: set[tuple[Collection, str]] = set()

    @classmethod
    def of(cls, database: Database, settings: Settings) -> "Filler":
        filling = Filling(settings.meilisearch_url, settings.meilisearch_index_key, KEY)
        return cls(database, filling, settings.meilisearch_prefix)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """True while nobody else fills; False when somebody does. Whoever loses the connection loses the right."""
        async with self.database.sessions.begin() as session:
            self.lock = session
            yield bool(await session.scalar(LOCK))

    async def look(self) -> None:
        """See what there is, before anything is told. Raises EngineFailed."""
        async with self.database.begin(INDEXER) as tx:
            rows = await indexed.rows(tx)
        for collection in SOURCES:
            uid, row = name(self.prefix, collection), rows.get(collection)
            index, seen = await self.filling.index(uid), await self.filling.ticket(uid)
            belongs = index is not None and indexed.belongs(row, uid, seen)
            current = row is not None and row.settings == version(collection)
            self.live[collection] = Live(uid, index, belongs, current, seen)

    async def tell(self) -> int:
        """One round: at most AT_ONCE of what waits; returns how many of them wait no longer.

        Look before the first. Raises EngineFailed.
        """
        async with self.database.begin(INDEXER) as tx:
            doubtful = await self._mark_the_doubtful(tx)
            head = await feed.head(tx.session)
            told = await waiting.take(tx, list(SOURCES), AT_ONCE)
            if not told:
                await indexed.reached(tx, head)
                return 0
            found = {one: await self._documents(tx, one, told) for one in {row.collection for row in told}}
            tickets = {one: await self._ticket(tx, one) for one in found}
        self.doubtful -= doubtful
        try:
            for collection, (documents, gone) in found.items():
                await self._push(collection, documents, gone, tickets[collection])
            return await self._forget(told)
        except BaseException:
            self.doubtful |= {(one.collection, one.id) for one in told}
            raise

    async def tell_all(self) -> None:
        """Round after round while there is enough for a whole one; what comes meanwhile is for the next time."""
        while await self.tell() == AT_ONCE:
            pass

    async def _documents(
        self, tx: Tx, collection: Collection, told: Sequence[Waiting]
    ) -> tuple[list[Document], list[str]]:
        """The documents of a collection as they are now, and the keys of those that are no longer."""
        ids = [one.id for one in told if one.collection is collection]
        found = await SOURCES[collection].documents(tx, ids)
        return list(found.values()), [key(id_) for id_ in ids if id_ not in found]

    async def _ticket(self, tx: Tx, collection: Collection) -> str:
        """For the next push; "" into an index that does not belong to this database, which keeps it so."""
        live = self.live[collection]
        return await indexed.draw(tx, collection, live.seen) if live.belongs else ""

    async def _push(self, collection: Collection, documents: list[Document], gone: list[str], ticket: str) -> None:
        live, tasks = self.live[collection], []
        into = [(live.uid, ticket)] if live.index is not None else []
        if self.building and self.building.collection is collection:
            into.append((self.building.uid, self.building.ticket))
        for uid, with_ticket in into:
            tasks += await self.filling.put(uid, documents, with_ticket)
            tasks += await self.filling.remove(uid, gone, with_ticket)
        live.seen = ticket
        await self.filling.settle(tasks)

    async def _forget(self, told: Sequence[Waiting]) -> int:
        """What was told waits no longer: if nobody else began to tell in the meantime."""
        await self.lock.execute(STILL)
        async with self.database.begin(INDEXER) as tx:
            forgotten = await waiting.forget(tx, told)
            await changed(tx, PUBLISHED)
            return forgotten

    async def _mark_the_doubtful(self, tx: Tx) -> set[tuple[Collection, str]]:
        """What failed on its way may have come too late, and stand in the index in place of what another process told
        meanwhile: it is told again."""
        doubtful = set(self.doubtful)
        for collection in {of for of, _ in doubtful}:
            await waiting.mark(tx, collection, [id_ for of, id_ in doubtful if of is collection])
        return doubtful
