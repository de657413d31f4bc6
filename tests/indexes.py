"""The indexes of one test in a real Meilisearch, as its master key sees them."""

import json
import uuid
from typing import Any

import meilisearch as official
import msgspec
from meilisearch_server import Meilisearch

from procurement.infra.search import Collection
from procurement.infra.search.keys import Keys, scoped
from procurement.settings import Settings

EVERYTHING = 10_000  # documents of a test at most


class Indexes:
    """`settings` are those of an installation that has this engine, `without` of one that has none."""

    def __init__(self, server: Meilisearch, settings: Settings) -> None:
        self.server, self.without, self.prefix = server, settings, f"test-{uuid.uuid4().hex[:12]}"
        keys = self.make_keys()
        self.client = official.Client(server.url, server.master_key, timeout=10)
        self.searching = official.Client(server.url, keys.search, timeout=10)
        self.settings = msgspec.structs.replace(
            settings,
            meilisearch_url=server.url,
            meilisearch_search_key=keys.search,
            meilisearch_index_key=keys.index,
            meilisearch_prefix=self.prefix,
        )

    def make_keys(self) -> Keys:
        """The same ones each time."""
        return scoped(self.server.url, self.server.master_key, self.prefix)

    def documents(self, collection: Collection) -> dict[str, dict[str, Any]]:
        """All of an index, whole, by id in their order."""
        found = self.client.http.get(f"indexes/{self.prefix}_{collection}/documents?limit={EVERYTHING}")["results"]
        return {one["id"]: one for one in sorted(found, key=lambda one: one["id"])}

    def everything(self) -> str:
        """All documents of all collections, as one text."""
        return json.dumps([self.documents(one) for one in Collection], ensure_ascii=False)

    def search(self, collection: Collection, words: str) -> int:
        """How many a web process finds."""
        found = self.searching.index(f"{self.prefix}_{collection}").search(words)
        return int(found["estimatedTotalHits"])

    def names(self) -> set[str]:
        found = self.client.http.get("indexes?limit=1000")["results"]
        return {one["uid"] for one in found if one["uid"].startswith(self.prefix)}

    def count(self, uid: str) -> int:
        """Documents of an index; 0 where there is none."""
        return int(self.client.get_all_stats()["indexes"].get(uid, {"numberOfDocuments": 0})["numberOfDocuments"])

    def tasks(self) -> int:
        """How many changes were ever asked for in these indexes."""
        uids = ",".join(f"{self.prefix}_{one}" for one in Collection)
        return int(self.client.http.get(f"tasks?indexUids={uids}&limit=1")["total"])

    def forget(self) -> None:
        for uid in self.names():
            self.client.delete_index(uid)
