"""Meilisearch is killed while people search: every page is answered, and it comes back by itself."""

import asyncio
import time
import uuid
from collections.abc import Iterator

import httpx
import msgspec
import pytest
import searched
from meilisearch_server import Meilisearch

from procurement.app import Parts
from procurement.infra.search.keys import scoped
from procurement.infra.search.meili import WHOLE
from procurement.infra.tx import Database
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

PAUSE = 0.3  # seconds between two looks whether it is back
PATIENCE = 3 * WHOLE  # seconds in which every page is answered, on a busy machine too
ADDRESSES = ("/tenders?q=harbour+road", "/tenders?q=brigde&status=all", "/awards?q=lights", "/buyers-and-suppliers?")
AWAY = "usual search is away"  # as a page of the reserve says


@pytest.fixture(scope="module")
def mortal() -> Iterator[Meilisearch]:
    with Meilisearch() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, mortal: Meilisearch) -> Settings:
    """Those of a service whose engine is mortal."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    keys = scoped(mortal.url, mortal.master_key, prefix)
    found = {"url": mortal.url, "search_key": keys.search, "index_key": keys.index, "prefix": prefix}
    return msgspec.structs.replace(settings, **{f"meilisearch_{name}": value for name, value in found.items()})


@pytest.fixture(autouse=True)
async def there(settings: Settings, database: Database, parts: Parts) -> None:
    """The engine has what the database has, and is looked for again soon."""
    await searched.publish(database)
    await searched.fill(database, settings.meilisearch_url, settings.meilisearch_index_key, settings.meilisearch_prefix)
    assert parts.search
    parts.search.breaker.pause = PAUSE


async def test_every_page_is_answered_while_the_engine_is_killed_again_and_again(
    client: httpx.AsyncClient, mortal: Meilisearch
) -> None:
    for address in ADDRESSES:
        await client.get(address)  # what a process does only once, such as reading its templates, is done
    answered: list[tuple[int, float, bool]] = []
    ended = asyncio.Event()

    async def search(number: int) -> None:
        while not ended.is_set():
            began = time.monotonic()
            answer = await client.get(f"{ADDRESSES[number]}&sort=newest&page={len(answered)}")
            answered.append((answer.status_code, time.monotonic() - began, AWAY in answer.text))

    async with asyncio.TaskGroup() as people:
        for number in range(len(ADDRESSES)):
            people.create_task(search(number))
        for _ in range(2):
            await asyncio.sleep(0.6)
            mortal.kill()
            await asyncio.sleep(0.6)
            await asyncio.to_thread(mortal.start)
        await asyncio.sleep(4 * PAUSE)
        ended.set()
    assert {status for status, _, _ in answered} == {200}
    assert max(seconds for _, seconds, _ in answered) < PATIENCE
    assert {away for _, _, away in answered} == {True, False}
    assert not answered[-1][2], "it is back, and nobody had to do anything"


async def test_a_page_of_the_reserve_says_so_and_is_not_kept(
    client: httpx.AsyncClient, parts: Parts, mortal: Meilisearch
) -> None:
    mortal.kill()
    away = await client.get(ADDRESSES[0])
    assert (away.status_code, AWAY in away.text, "etag" in away.headers) == (200, True, False)
    assert "Resurfacing" in away.text
    await asyncio.to_thread(mortal.start)
    await asyncio.sleep(2 * PAUSE)
    back = await client.get(ADDRESSES[0])
    assert (back.status_code, AWAY in back.text, "etag" in back.headers) == (200, False, True)
    assert parts.search and parts.search.answers
