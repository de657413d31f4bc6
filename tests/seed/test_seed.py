"""The seeded archive is the same for the same numbers, plausible, valid, and grows to a total."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from procurement.cli import main
from procurement.infra.search import Question
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.publication import service as publication
from procurement.publication.importer.admit import Admitted, admit
from procurement.publication.importer.unpack import unpack
from procurement.seed import NotASandbox, grow
from procurement.seed.grow import write
from procurement.seed.make import releases
from procurement.seed.words import words
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
TODAY = date(2026, 11, 21)


def silent(line: str) -> None:
    pass


def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, words(), 1, range(50), TODAY)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    write(tmp_path / "other", words(), 2, range(50), TODAY)
    assert (tmp_path / "other").read_bytes() != (tmp_path / "one").read_bytes()


def test_nothing_in_it_has_to_be_mended_or_refused(tmp_path: Path) -> None:
    write(tmp_path / "archive.jsonl", words(), 1, range(300), TODAY)
    taken = [admit(one, "archive", "ocds-xmarrow") for one in unpack(tmp_path / "archive.jsonl")]
    assert len(taken) > 500
    assert [one for one in taken if not isinstance(one, Admitted) or one.mends] == []


def test_most_calls_ended_in_an_award_and_some_are_open() -> None:
    ends: Counter[str] = Counter()
    titles = set()
    for number in range(1000):
        *_, last = made = releases(words(), 1, number, TODAY)
        assert all(datetime.fromisoformat(one["date"]).date() <= TODAY for one in made)
        titles.add(made[0]["tender"]["title"])
        ends[last["tag"][0]] += 1
        ends["open"] += datetime.fromisoformat(made[0]["tender"]["tenderPeriod"]["endDate"]).date() > TODAY
    assert ends["award"] > 700
    assert 20 < ends["open"] < 150
    assert ends["tenderUpdate"] > 20
    assert len(titles) > 800


def test_an_award_costs_about_what_was_estimated() -> None:
    for number in range(200):
        call, *end = releases(words(), 1, number, TODAY)
        for award in (one for release in end for one in release.get("awards", ())):
            estimate = Decimal(call["tender"]["value"]["amount"])
            assert estimate * Decimal("0.5") < award["value"]["amount"] < estimate * Decimal("1.5")


async def test_it_grows_to_a_total_and_never_beyond(settings: Settings, database: Database) -> None:
    assert (await grow(settings, 20, 1, silent)).refused == 0
    await grow(settings, 20, 1, silent)
    await grow(settings, 5, 1, silent)
    assert await _count(database, "Practice archive 1") == 20
    await grow(settings, 30, 1, silent)
    await grow(settings, 10, 2, silent)
    assert [await _count(database, f"Practice archive {number}") for number in (1, 2)] == [30, 10]


async def test_an_invented_notice_has_its_page_and_says_whose_it_is(settings: Settings, database: Database) -> None:
    await grow(settings, 40, 1, silent)
    async with database.begin(NOBODY) as tx:
        _, found = await publication.search(tx, Question(statuses=("awarded",)))
    assert found[0].source == "Practice archive 1"
    assert found[0].path == f"/notices/{found[0].id}"
    assert found[0].award is not None and found[0].suppliers


async def test_a_real_installation_is_refused(settings: Settings, owner: asyncpg.Connection) -> None:
    await owner.execute("ALTER TABLE installation DISABLE TRIGGER USER")
    await owner.execute("UPDATE installation SET sandbox = false")
    with pytest.raises(NotASandbox, match="for a sandbox only"):
        await grow(settings, 10, 1, silent)


def test_a_number_of_tenders_has_to_be_given() -> None:
    assert "--tenders" in CliRunner().invoke(main, ["seed"]).output


async def _count(database: Database, source: str) -> int:
    async with database.begin(NOBODY) as tx:
        return await publication.how_many(tx, source)
