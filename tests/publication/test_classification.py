"""Codes and their labels: loaded, walked, and found by words."""

import csv
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import asyncpg
import pytest
from click.testing import CliRunner, Result
from ocds_data import CPV, needs_cpv
from others import bring, item, release
from tendering import SETUP

from procurement.cli import main
from procurement.infra.search import Question
from procurement.infra.tx import Database
from procurement.publication import clock, service
from procurement.publication.rules.classification import Defect, Label, read, searched, with_parents
from procurement.publication.search import PostgresSearch
from procurement.publication.service.classification import load
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

COMPUTERS = [
    Label("30000000-9", "Office and computing machinery, equipment and supplies except furniture"),
    Label("30200000-1", "Computer equipment and supplies"),
    Label("30213000-5", "Personal computers"),
    Label("30213100-6", "Portable computers"),
    Label("30213200-7", "Tablet computer"),
    Label("39100000-3", "Furniture"),
]
LAPTOPS = release(1, tender={"title": "Devices for the office", "items": [item("30213100-6")]})
DESKS = release(2, tender={"title": "Desks", "items": [item("39100000-3")]})

Load = Callable[[list[Label]], Awaitable[Any]]


@pytest.fixture
def loaded(database: Database) -> Load:
    async def take_in(labels: list[Label]) -> Any:
        async with database.begin(SETUP) as tx:
            return await load(tx, "CPV", "en", labels)

    return take_in


async def titles(database: Database, words: str) -> list[str]:
    async with database.begin(SETUP) as tx:
        hits = await PostgresSearch().search(tx, Question(words=words, sort="best"))
        found = await service.notices(tx, hits.found)
    return [found[id_].title for id_ in hits.found]


def test_a_code_belongs_to_the_next_shorter_one_that_there_is() -> None:
    parents = {one.code: one.parent for one in with_parents(COMPUTERS)}
    assert parents == {
        "30000000-9": "", "30200000-1": "30000000-9", "30213000-5": "30200000-1", "30213100-6": "30213000-5",
        "30213200-7": "30213000-5", "39100000-3": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Machinery, except computers and furniture", "Machinery"),
        ("Furnishings (excluding lights)", "Furnishings"),
        ("Exceptional services", "Exceptional services"),
    ],
)
def test_what_a_label_excludes_does_not_find_it(label: str, words: str) -> None:
    assert searched(label) == words


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"code": "", "label": "Nothing"}, "is no code"),
        ({"code": "AB", "label": "No digits"}, "is no code"),
        ({"code": "3", "label": "Too short"}, "is no code"),
        ({"code": "30 1", "label": "A space"}, "is no code"),
        ({"code": "301", "label": " "}, "has no label"),
        ({"code": "301", "label": None}, "has no label"),
        ({"code": "301", "label": "x" * 501}, "longer than"),
    ],
)
def test_a_damaged_row_is_told_with_its_line(row: dict[str, str | None], reason: str) -> None:
    (good, bad) = read([{"code": "300", "label": "Good"}, row])
    assert good == Label("300", "Good")
    assert isinstance(bad, Defect) and bad.line == 3 and reason in bad.reason


async def test_loading_again_changes_nothing_and_a_new_label_is_taken(loaded: Load, owner: asyncpg.Connection) -> None:
    first = await loaded(COMPUTERS)
    assert (first.added, first.renamed) == (6, 0)
    rows = await owner.fetch("SELECT *, xmin FROM classification ORDER BY code")
    again = await loaded(COMPUTERS)
    assert (again.added, again.renamed) == (0, 0)
    assert await owner.fetch("SELECT *, xmin FROM classification ORDER BY code") == rows
    changed = await loaded([Label("30213100-6", "Notebooks")])
    assert (changed.added, changed.renamed) == (0, 1)
    assert await owner.fetchval("SELECT parent FROM classification WHERE label = 'Notebooks'") == "30213000-5"


async def test_the_tree_is_walked_up_and_down(loaded: Load, database: Database) -> None:
    await loaded(COMPUTERS)
    async with database.begin(SETUP) as tx:
        above, below = await service.classification_tree(tx, "30213000-5")
        top = await service.classification_tree(tx)
        unknown = await service.classification_tree(tx, "99999999-9")
    assert [one.code for one in above] == ["30000000-9", "30200000-1", "30213000-5"]
    assert [(one.code, one.narrower) for one in below] == [("30213100-6", False), ("30213200-7", False)]
    assert top[0] == [] and [(one.code, one.narrower) for one in top[1]] == [
        ("30000000-9", True),
        ("39100000-3", False),
    ]
    assert unknown == ([], [])


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("laptops", ["30213100-6"]),
        ("furniture", ["39100000-3"]),
        ("personal computer", ["30213000-5"]),
        ("submarine", []),
        ("", []),
        ("' | !", []),
    ],
)
async def test_words_find_codes(words: str, codes: list[str], loaded: Load, database: Database) -> None:
    await loaded(COMPUTERS)
    async with database.begin(SETUP) as tx:
        assert [one.code for one in await service.codes_for(tx, words)] == codes


async def test_laptops_find_what_is_classified_as_such_and_says_so_nowhere(
    loaded: Load, settings: Settings, database: Database, tmp_path: Path
) -> None:
    await loaded(COMPUTERS)
    await bring(settings, tmp_path, LAPTOPS, DESKS)
    assert await titles(database, "laptops") == ["Devices for the office"]
    assert await titles(database, "computer equipment") == ["Devices for the office"], "by what its code belongs to"
    assert await titles(database, "furniture") == ["Desks"], "not by what the label of its code excludes"


async def test_labels_that_come_later_find_what_was_there_before(
    loaded: Load, settings: Settings, database: Database, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    await bring(settings, tmp_path, LAPTOPS, DESKS)
    await clock.sweep(database)
    assert await titles(database, "laptops") == []
    await loaded(COMPUTERS)
    await owner.execute("DELETE FROM search_waiting")
    await clock.sweep(database)
    assert await titles(database, "laptops") == ["Devices for the office"]
    assert await owner.fetchval("SELECT count(*) FROM search_waiting WHERE collection = 'notices'") == 2


async def command(settings: Settings, file: Path, text: str) -> Result:
    await anyio.Path(file).write_text(text)
    environment = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "DATA": settings.data}
    arguments = ["classification", "load", str(file), "--scheme", "CPV"]
    return await anyio.to_thread.run_sync(lambda: CliRunner(env=environment).invoke(main, arguments))


async def test_the_command_takes_a_file_or_refuses_it_whole(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    done = await command(settings, file, '\ufeffcode,label\n30213100-6,"Portable, light computers"\n')
    assert (done.exit_code, "1 codes, 1 of them new" in done.output) == (0, True), done.output
    refused = await command(settings, file, "code,label\n30213200-7,Tablets\n,nothing\n30213200-7,Twice\n")
    assert refused.exit_code == 1
    assert "line 3" in refused.output and "given twice" in refused.output
    assert "columns code and label" in (await command(settings, file, "id,name\n1,a\n")).output


@needs_cpv
async def test_the_whole_of_cpv_is_a_tree(database: Database) -> None:
    with CPV.open(encoding="utf-8", newline="") as lines:
        labels = [one for one in read(csv.DictReader(lines)) if isinstance(one, Label)]
    async with database.begin(SETUP) as tx:
        assert (await load(tx, "CPV", "en", labels)).added == len(labels) > 9_000
        above, _ = await service.classification_tree(tx, "30213100-6")
        (_, divisions) = await service.classification_tree(tx)
        laptops = await service.codes_for(tx, "laptops")
    assert [one.code for one in above] == ["30000000-9", "30200000-1", "30210000-4", "30213000-5", "30213100-6"]
    assert len(divisions) == 45
    assert laptops[0].code == "30213100-6"
