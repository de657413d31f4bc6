"""What an operator does and sees: keys that may do little, an index made anew, and what the doctor says of both."""

import asyncio

import asyncpg
import meilisearch as official
import pytest
from click.testing import CliRunner, Result
from indexes import Indexes
from meilisearch.errors import MeilisearchApiError
from msgspec.structs import replace
from test_indexing import NOTICES, agree, notice, publish

from procurement.cli import main
from procurement.infra.doctor import State, examine
from procurement.infra.tx import Database
from procurement.publication.search.consumer import Consumer
from procurement.publication.search.doctor import CHECKS
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


async def run(settings: Settings, *words: str, **environ: str) -> Result:
    env = {**settings.environ(), **environ}
    return await asyncio.to_thread(CliRunner().invoke, main, words, env=env)


async def said(settings: Settings) -> list[str]:
    return [found.line() for found in await examine(settings, CHECKS) if found.about == "search"]


async def broken(settings: Settings) -> list[str]:
    found = await examine(settings, CHECKS)
    return [one.text for one in found if one.about == "search" and one.state is State.BROKEN]


async def test_the_printed_keys_are_the_same_each_time_and_may_do_little(indexes: Indexes, database: Database) -> None:
    first, again = [
        await run(indexes.settings, "search-keys", MEILISEARCH_MASTER_KEY=indexes.server.master_key) for _ in range(2)
    ]
    search, index = indexes.settings.meilisearch_search_key, indexes.settings.meilisearch_index_key
    assert first.output == again.output == f"MEILISEARCH_SEARCH_KEY={search}\nMEILISEARCH_INDEX_KEY={index}\n"
    await publish(database, [notice(1)])
    await Consumer(indexes.settings).sweep(database)
    uid = f"{indexes.prefix}_notices"
    assert indexes.search(NOTICES, "bridge") == 1
    for refused in (
        lambda: indexes.searching.index(uid).add_documents([{"key": "1"}]),
        lambda: indexes.searching.index(uid).get_documents(),
        lambda: indexes.searching.index("another").search("bridge"),
        lambda: indexes.searching.get_keys(),
        lambda: official.Client(indexes.server.url, index).get_keys(),
        lambda: official.Client(indexes.server.url, index).create_dump(),
    ):
        with pytest.raises(MeilisearchApiError, match="invalid"):
            refused()


async def test_without_the_master_key_or_an_engine_the_commands_say_what_is_missing(indexes: Indexes) -> None:
    assert "MEILISEARCH_MASTER_KEY" in (await run(indexes.settings, "search-keys", MEILISEARCH_MASTER_KEY="")).output
    wrong = await run(indexes.settings, "search-keys", MEILISEARCH_MASTER_KEY="another master key")
    assert wrong.exit_code == 1 and "The provided API key is invalid." in wrong.output
    assert "PostgreSQL needs no index made" in (await run(indexes.without, "reindex")).output
    nowhere = replace(indexes.settings, meilisearch_url="http://127.0.0.1:1")
    assert "does not answer" in (await run(nowhere, "reindex")).output


async def test_reindex_makes_one_collection_or_all(
    indexes: Indexes, database: Database, owner: asyncpg.Connection
) -> None:
    await publish(database, map(notice, range(3)))
    one = await run(indexes.settings, "reindex", "--collection", "notices")
    assert one.exit_code == 0 and "notices: 3 documents in " in one.output, one.output
    assert [row[0] for row in await owner.fetch("SELECT collection FROM search_index")] == ["notices"]
    everything = await run(indexes.settings, "reindex")
    assert everything.exit_code == 0 and await agree(database, indexes)
    assert await owner.fetchval("SELECT count(*) FROM search_index") == 3


async def test_the_doctor_tells_version_size_and_what_waits(
    indexes: Indexes, database: Database, owner: asyncpg.Connection
) -> None:
    await publish(database, [notice(1)])
    await Consumer(indexes.settings).sweep(database)
    told = await said(indexes.settings)
    assert told[0].startswith("     ok  search: Meilisearch 1.") and not await broken(indexes.settings)
    assert any("notices: 1 documents, 0.0 MB, built " in line for line in told)
    await owner.execute("DELETE FROM notice")
    assert await broken(indexes.settings) == ["notices: 1 documents, but 0 rows: run `procurement reindex`."]
    await publish(database, [notice(2)])
    await owner.execute("UPDATE search_waiting SET since = since - interval '10 minutes'")
    assert await broken(indexes.settings) == ["1 changes wait, the first for 600 s: is the worker started?"]


async def test_the_doctor_knows_a_master_key_and_an_engine_that_does_not_answer(indexes: Indexes) -> None:
    master = indexes.server.master_key
    careless = replace(indexes.settings, meilisearch_search_key=master, meilisearch_index_key=master)
    found = " ".join(await broken(careless))
    assert "MEILISEARCH_SEARCH_KEY may also make keys and change indexes" in found
    assert "MEILISEARCH_INDEX_KEY may also make keys" in found
    swapped = replace(indexes.settings, meilisearch_search_key="wrong")
    assert "MEILISEARCH_SEARCH_KEY may not search" in " ".join(await broken(swapped))
    nowhere = replace(indexes.settings, meilisearch_url="http://127.0.0.1:1")
    assert "PostgreSQL searches meanwhile" in " ".join(await broken(nowhere))
    assert await said(indexes.without) == ["     ok  search: by PostgreSQL: there is no MEILISEARCH_URL."]
