"""What was published before is derived anew, some at a time; and the words that occur are counted."""

from pathlib import Path

import asyncpg
import pytest
from evaluated import Scene
from others import DREDGERS, award, bring, release
from tendering import SETUP
from waiting import Work

from procurement.infra.search import Collection, Question
from procurement.infra.tx import Database
from procurement.publication import clock
from procurement.publication.search import PostgresSearch
from procurement.publication.service import derivation
from procurement.publication.service.counting import count_words
from procurement.publication.service.rederiving import derive_some
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

FORGET = ("DELETE FROM public_award", "DELETE FROM public_organisation", "UPDATE notice SET words = ''")


async def forget(owner: asyncpg.Connection) -> None:
    """As it was before these rows were derived at all."""
    for statement in FORGET:
        await owner.execute(statement)


async def counts(owner: asyncpg.Connection) -> tuple[int, int]:
    tables = ("public_award", "public_organisation")
    awards, organisations = [await owner.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
    return awards, organisations


async def bring_five(settings: Settings, folder: Path) -> None:
    await bring(settings, folder, *(release(n, awards=[award(1, DREDGERS, n)]) for n in range(5)))


async def test_rows_of_a_live_database_are_derived_in_steps_from_where_it_stopped(
    settings: Settings, database: Database, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    await bring_five(settings, tmp_path)
    await forget(owner)
    found = []
    for _ in range(4):
        async with database.begin(SETUP) as tx:
            found.append((await derive_some(tx, most=2), *await counts(owner)))
    assert [(more, awards) for more, awards, _ in found] == [(True, 0), (True, 2), (False, 4), (False, 5)]
    assert await counts(owner) == (5, 2)
    won = await owner.fetchval("SELECT won FROM public_organisation WHERE roles = ARRAY['supplier']")
    assert won == 5
    assert await owner.fetchval("SELECT count(*) FROM notice WHERE words = ''") == 0


async def test_a_step_that_fails_is_done_again(
    settings: Settings, database: Database, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    await bring_five(settings, tmp_path)
    await forget(owner)
    with pytest.raises(RuntimeError, match="killed"):
        async with database.begin(SETUP) as tx:
            await derive_some(tx, most=2)
            raise RuntimeError("killed")
    assert await counts(owner) == (0, 0)
    await clock.sweep(database)
    assert await counts(owner) == (5, 2)


async def test_nobody_does_what_another_is_at(
    settings: Settings, database: Database, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    await bring_five(settings, tmp_path)
    async with database.begin(SETUP) as tx:
        await derivation.begin_again(tx)
    async with database.begin(SETUP) as one:
        assert await derive_some(one, most=2)
        async with database.begin(SETUP) as other:
            assert not await derive_some(other, most=2)


async def test_it_begins_again_by_itself_when_the_rules_are_others(
    settings: Settings,
    database: Database,
    tmp_path: Path,
    owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await bring_five(settings, tmp_path)
    await clock.sweep(database)
    await forget(owner)
    await clock.sweep(database)
    assert await counts(owner) == (0, 0), "it was done"
    monkeypatch.setattr(derivation, "EDITION", derivation.EDITION + 1)
    await clock.sweep(database)
    assert await counts(owner) == (5, 2)


async def test_procurements_of_ours_are_derived_from_our_releases(
    scene: Scene, work: Work, database: Database, owner: asyncpg.Connection
) -> None:
    await work()
    before = await owner.fetch("SELECT * FROM notice")
    await owner.execute("UPDATE notice SET title = 'damaged', tsv = ''")
    await clock.sweep(database)
    assert await owner.fetch("SELECT * FROM notice") == before


async def counted(database: Database) -> bool:
    async with database.begin(SETUP) as tx:
        return await count_words(tx)


async def test_words_are_counted_when_something_changed_and_not_all_the_time(
    settings: Settings, database: Database, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    await bring_five(settings, tmp_path)
    assert await counted(database)
    assert not await counted(database), "nothing changed"
    await bring(settings, tmp_path, release(9, tender={"title": "Piloting"}))
    assert not await counted(database), "it is too early"
    await owner.execute("UPDATE derivation SET at = at - interval '1 hour' WHERE name = 'words'")
    assert await counted(database)
    rows = await owner.fetch("SELECT word, number FROM search_word WHERE collection = 'notices'")
    numbers = {row["word"]: row["number"] for row in rows}
    assert (numbers["dredging"], numbers["piloting"], numbers["sillbridge"]) == (5, 1, 6)
    assert not any(word.isdigit() or len(word) < 4 for word in numbers)


async def test_a_rare_word_that_looks_like_a_frequent_one_is_asked_about(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    usual = [release(n) for n in range(12)]
    await bring(settings, tmp_path, *usual, release(20, tender={"title": "Dreging of a ditch"}))
    async with database.begin(SETUP) as tx:
        await count_words(tx)
        rare = await PostgresSearch().search(tx, Question(words="dreging basin ditch"))
        wrong = await PostgresSearch().search(tx, Question(words="dreging"))
        right = await PostgresSearch().search(tx, Question(words="dredging"))
        basin = await PostgresSearch().search(tx, Question(words="ditch"))
        names = await PostgresSearch().search(tx, Question(words="port", collection=Collection.ORGANISATIONS))
    assert (wrong.total, wrong.meant, wrong.instead) == (1, "dredging", "")
    assert (rare.instead, rare.meant) == ("dreging ditch", ""), "what is asked instead is not doubted again"
    assert [hits.meant for hits in (right, basin, names)] == ["", "", ""]
