"""The indexes of Meilisearch as whoever fills them sees them: made, filled, exchanged and dropped.

The official client is synchronous: every call runs in a thread. One filler makes one call at a time. What changes an
index is a task of the engine, done in the order in which it was asked for; `settle` waits for it.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from meilisearch import Client
from meilisearch.errors import MeilisearchApiError, MeilisearchError

PATIENCE = 30  # seconds for one answer
LONGEST_TASK = 600.0  # seconds for a task, with all that it waits for in the engine's queue
LARGEST_PUSH = 8 * 2**20  # bytes of documents in one request; the engine takes 100 MB
FIRST_LOOK, LONGEST_PAUSE = 0.01, 0.25  # seconds between two looks at a task
TICKETED = "documentAdditionOrUpdate,documentDeletion"  # tasks that carry a ticket
NOTHING = "-"  # the key of no document

T = TypeVar("T")


class EngineFailed(Exception):
    """The engine does not answer, refuses the key, or could not do a task. The message is for an operator."""


class Index(msgspec.Struct, frozen=True):
    """`documents` counts what is searched now; `size` is in bytes."""

    documents: int
    size: int


class Filling:
    """Meilisearch at `url`, asked with the key that may fill the indexes."""

    def __init__(self, url: str, key: str, key_field: str) -> None:
        self._client = Client(url, key, timeout=PATIENCE)
        self._key_field = key_field

    async def version(self) -> str:
        return str((await self._ask(self._client.get_version))["pkgVersion"])

    async def index(self, uid: str) -> Index | None:
        """None where there is none."""
        try:
            stats = await self._ask(lambda: self._client.http.get(f"indexes/{uid}/stats"))
        except _Unknown:
            return None
        return Index(int(stats["numberOfDocuments"]), int(stats["rawDocumentDbSize"]))

    async def ticket(self, uid: str) -> str:
        """The ticket of the newest push into an index, done or not; "" where there is none."""
        query = urlencode({"indexUids": uid, "types": TICKETED, "limit": 1})
        tasks = (await self._ask(lambda: self._client.http.get(f"tasks?{query}")))["results"]
        return str(tasks[0].get("customMetadata") or "") if tasks else ""

    async def make(self, uid: str, settings: dict[str, Any]) -> None:
        """An empty index with these settings, in place of whatever has its name."""
        await self.drop(uid)
        await self.settle([await self._ask(lambda: self._client.create_index(uid, {"primaryKey": self._key_field}))])
        await self.settle([await self._ask(lambda: self._client.index(uid).update_settings(settings))])

    async def put(self, uid: str, documents: Iterable[dict[str, Any]], ticket: str) -> list[int]:
        """Put documents in, or anew; returns the tasks to settle. The index is there."""
        tasks = []
        for lines in _portions(documents):
            tasks.append(await self._ask(lambda: self._add(uid, lines, ticket)))  # noqa: B023 (called at once)
        return tasks

    async def remove(self, uid: str, keys: Sequence[str], ticket: str) -> list[int]:
        """Take documents out, those that are there; returns the tasks to settle."""
        if not keys:
            return []
        # The client's own method for keys warns that it will go; its other one needs the key to be a filter.
        path = f"indexes/{uid}/documents/delete-batch?customMetadata={quote(ticket)}"
        return [int((await self._ask(lambda: self._client.http.post(path, list(keys))))["taskUid"])]

    async def seal(self, uid: str, ticket: str) -> list[int]:
        """Leave the ticket on an index into which perhaps nothing was pushed."""
        return await self.remove(uid, [NOTHING], ticket)

    async def exchange(self, new: str, live: str) -> None:
        """From one search to the next `live` is what `new` was. Nothing is left under the name `new`."""
        there = await self.index(live) is not None
        swap: dict[str, list[str] | bool] = {"indexes": [new, live], "rename": not there}
        await self.settle([await self._ask(lambda: self._client.swap_indexes([swap]))])
        if there:
            await self.drop(new)

    async def drop(self, uid: str) -> None:
        if await self.index(uid) is not None:
            await self.settle([await self._ask(lambda: self._client.delete_index(uid))])

    async def settle(self, tasks: Iterable[int]) -> None:
        """Wait until the tasks are done. EngineFailed where one was not done, or took too long."""
        for task in tasks:
            await self._settle(task)

    async def _settle(self, task: int) -> None:
        pause, began = FIRST_LOOK, time.monotonic()
        while True:
            seen = await self._ask(lambda: self._client.http.get(f"tasks/{task}"))
            if seen["status"] == "succeeded":
                return
            if seen["status"] in ("failed", "canceled"):
                raise EngineFailed(f"{seen['type']}: {(seen.get('error') or {}).get('message') or seen['status']}")
            if time.monotonic() - began > LONGEST_TASK:
                raise EngineFailed(f"{seen['type']}: not done after {LONGEST_TASK:.0f} s.")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _add(self, uid: str, lines: bytes, ticket: str) -> Any:
        return self._client.index(uid).add_documents_ndjson(lines, self._key_field, metadata=ticket)

    async def _ask(self, call: Callable[[], Any]) -> Any:
        """What the engine answers; of a task its number."""
        try:
            answer = await asyncio.to_thread(call)
        except MeilisearchApiError as no:
            raise _Unknown(no.message) if no.code == "index_not_found" else EngineFailed(no.message) from None
        except (MeilisearchError, OSError, ValueError) as lost:  # the latter two: of requests, and of its JSON
            raise EngineFailed(f"Meilisearch does not answer: {type(lost).__name__}.") from None
        return getattr(answer, "task_uid", answer)


class _Unknown(EngineFailed):
    """There is no index of that name."""


def _portions(documents: Iterable[dict[str, Any]]) -> Iterable[bytes]:
    """Documents as lines of JSON, in portions of a bearable size."""
    portion = bytearray()
    for line in map(msgspec.json.encode, documents):
        if portion and len(portion) + len(line) > LARGEST_PUSH:
            yield bytes(portion)
            portion.clear()
        portion += line + b"\n"
    if portion:
        yield bytes(portion)
