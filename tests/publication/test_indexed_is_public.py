"""Nothing enters an index but what is published: looked for in everything that the engine holds of a whole republic."""

import asyncpg
import pytest
from indexes import Indexes
from meilisearch_server import Meilisearch

from procurement.infra.outbox import Handlers
from procurement.infra.search import Collection
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.publication.search import documents, indexed
from procurement.publication.search.consumer import Consumer
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

PRIVATE = {
    "people": "SELECT name FROM person",
    "addresses": "SELECT email FROM person",
    "accounts": "SELECT id FROM person",
    "drafts": "SELECT title FROM tender WHERE published_at IS NULL",
    "drafts' ids": "SELECT id FROM tender WHERE published_at IS NULL",
    "bids": "SELECT id FROM bid",
    "questions": "SELECT text FROM question",
    "who bids, before it won": "SELECT name FROM organisation WHERE kind = 'supplier' AND NOT EXISTS "
    "(SELECT FROM public_award WHERE organisation.id = ANY (supplier_ids))",
}


async def test_an_index_of_the_whole_republic_holds_nothing_private(
    republic: Settings, meilisearch: Meilisearch, admin: asyncpg.Connection
) -> None:
    indexes, database = Indexes(meilisearch, republic), Database(republic.database_url, Handlers())
    owner = await asyncpg.connect(republic.owner_database_url.replace("+asyncpg", ""))
    try:
        await Consumer(indexes.settings).sweep(database)
        held, looked_for = indexes.everything().casefold(), dict[str, int]()
        for kind, query in PRIVATE.items():
            words = {str(row[0]).casefold() for row in await owner.fetch(query)}
            looked_for[kind] = len(words)
            assert not [word for word in words if word in held], kind
        published = [row["title"].casefold() for row in await owner.fetch("SELECT title FROM notice")]
        assert all(title.replace('"', '\\"') in held for title in published), "what is published is found this way"
        assert all(looked_for.values()), f"the republic has some of each: {looked_for}"
        for collection in Collection:
            found = indexes.documents(collection)
            assert found, f"the republic has {collection}"
            for document in found.values():
                assert set(document) == set(documents.FIELDS[collection]), "nothing else may be in a document"
    finally:
        async with database.begin(system("test")) as tx:
            await indexed.abandon(tx)
        await owner.close()
        await database.dispose()
        indexes.forget()
