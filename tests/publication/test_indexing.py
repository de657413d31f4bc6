"""The index beside the database: filled, made anew without a gap, and whole again after anything."""

import uuid

import msgspec
import pytest
from meilisearch_server import Meilisearch

from procurement.infra.search.keys import scoped
from procurement.infra.tx import Database
from procurement.publication.search.consumer import Consumer
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def engine(settings: Settings, meilisearch: Meilisearch) -> Settings:
    """Settings with indexes of this test's own, and the keys that an installation has."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    keys = scoped(meilisearch.url, meilisearch.master_key, prefix)
    return msgspec.structs.replace(
        settings,
        meilisearch_url=meilisearch.url,
        meilisearch_search_key=keys.search,
        meilisearch_index_key=keys.index,
        meilisearch_prefix=prefix,
    )


async def test_first(engine: Settings, database: Database) -> None:
    c = Consumer(engine)
    await c.sweep(database)
    print(c.filler.live)
