"""Awards and organisations, ours and others': derived with their notice, searched as it is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from evaluated import Scene
from others import DREDGERS, PAVERS, award, bring, item, release
from tendering import SETUP
from test_publishing import award as awarded
from test_publishing import read_out, sign
from waiting import Work

from procurement.infra.search import Collection, Count, Hits, Question
from procurement.infra.tx import Database
from procurement.kernel.money import Money
from procurement.publication import service
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.search import PostgresSearch
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

SIGNED = {"id": "C", "awardID": "1", "status": "active", "dateSigned": "2026-04-01T00:00:00Z"}
LOTS = {
    "lots": [
        {"id": "a", "title": "The basin", "value": {"amount": 600, "currency": "EUR"}},
        {"id": "b", "title": "The quay", "value": {"amount": 400, "currency": "USD"}},
    ],
    "items": [item("45244000-9", "Silt", "a"), item("45233222-1", "Paving", "b")],
}
IN_LOTS = [award(1, DREDGERS, 660, relatedLots=["a"]), award(2, PAVERS, 380, relatedLots=["b"])]


async def ask(database: Database, collection: Collection, **question: Any) -> Hits:
    async with database.begin(SETUP) as tx:
        return await PostgresSearch().search(tx, Question(collection=collection, **question))


async def awards(database: Database, **question: Any) -> list[AwardLine]:
    hits = await ask(database, Collection.AWARDS, **question)
    async with database.begin(SETUP) as tx:
        found = await service.award_lines(tx, hits.found)
    return [found[id_] for id_ in hits.found]


async def organisations(database: Database, **question: Any) -> dict[str, OrganisationLine]:
    hits = await ask(database, Collection.ORGANISATIONS, **question)
    async with database.begin(SETUP) as tx:
        found = await service.organisation_lines(tx, hits.found)
    return {found[id_].name: found[id_] for id_ in hits.found}


async def test_each_award_in_force_is_a_row_with_its_contract(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    whole = release(1, awards=[award(1, DREDGERS, 900), award(2, PAVERS, 1, status="cancelled")], contracts=[SIGNED])
    await bring(settings, tmp_path, whole)
    (one,) = await awards(database)
    assert (one.title, one.suppliers, one.value) == ("Dredging of basin 1", (DREDGERS["name"],), Money(90_000, "EUR"))
    assert one.signed_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert str(one.against_estimate) == "-0.1"
    assert (one.path, one.contract_path) == (f"/notices/{one.notice_id}", "")


async def test_an_award_of_a_lot_is_held_against_the_estimate_of_that_lot(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    await bring(settings, tmp_path, release(1, tender=LOTS, awards=IN_LOTS))
    quay, basin = await awards(database)
    assert (basin.title, str(basin.against_estimate)) == ("The basin", "0.1")
    assert (quay.title, quay.against_estimate) == ("The quay", None), "other currencies are not compared"
    assert ("45244" in basin.categories, "45244" in quay.categories) == (True, False)


async def test_a_contract_without_an_award_stands_for_one(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    await bring(settings, tmp_path, release(1, contracts=[SIGNED | {"value": {"amount": 7, "currency": "EUR"}}]))
    (one,) = await awards(database)
    assert (one.value, one.awarded_at) == (Money(700, "EUR"), one.signed_at)


async def test_an_award_that_is_taken_back_is_gone_with_its_supplier(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    await bring(settings, tmp_path, release(1, awards=[award(1, DREDGERS, 900)]))
    assert set(await organisations(database)) == {"Port of Sillbridge", DREDGERS["name"]}
    await bring(settings, tmp_path, release(1, "2026-05-01", awards=[award(1, DREDGERS, 900, status="cancelled")]))
    assert await awards(database) == []
    assert set(await organisations(database)) == {"Port of Sillbridge"}


async def test_organisations_are_counted_and_show_no_more_than_their_town(
    settings: Settings, database: Database, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    await bring(settings, tmp_path, *(release(n, awards=[award(n, DREDGERS, n)]) for n in (1, 2)), release(3))
    found = await organisations(database, sort="name")
    dredgers, port = found.values()
    assert (port.bought, port.won, port.roles, port.place) == (3, 0, ("buyer",), "Sillbridge, Coast")
    assert (dredgers.bought, dredgers.won, dredgers.roles, dredgers.place) == (0, 2, ("supplier",), "Kell")
    assert dredgers.seen_at == datetime(2026, 3, 2, tzinfo=UTC)
    rows = await owner.fetch("SELECT * FROM public_organisation")
    assert "home" not in str(rows) and "Lost Bidders" not in str(rows)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"roles": ("supplier",)}, [DREDGERS["name"], PAVERS["name"]]),
        ({"roles": ("buyer",)}, ["Port of Sillbridge"]),
        ({"words": "paving"}, [PAVERS["name"]]),
        ({"words": "sillbridge"}, ["Port of Sillbridge"]),
        ({"words": "dregding"}, [DREDGERS["name"]]),
        ({"sources": ("Elsewhere",)}, []),
    ],
)
async def test_organisations_are_found(
    question: dict[str, Any], found: list[str], settings: Settings, database: Database, tmp_path: Path
) -> None:
    await bring(settings, tmp_path, release(1, tender=LOTS, awards=IN_LOTS))
    assert list(await organisations(database, sort="name", **question)) == found


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({}, ["The quay", "The basin"]),
        ({"sort": "value"}, ["The basin", "The quay"]),
        ({"words": "silt"}, ["The basin"]),
        ({"words": "quay paving"}, ["The quay"]),
        ({"category": "45233000-9"}, ["The quay"]),
        ({"least": 50_000}, ["The basin"]),
        ({"since": datetime(2026, 3, 2, tzinfo=UTC)}, ["The quay"]),
        ({"until": datetime(2026, 3, 2, tzinfo=UTC)}, ["The basin"]),
        ({"statuses": ("pending",)}, []),
        ({"kinds": ("goods",)}, []),
    ],
)
async def test_awards_are_found(
    question: dict[str, Any], found: list[str], settings: Settings, database: Database, tmp_path: Path
) -> None:
    await bring(settings, tmp_path, release(1, tender=LOTS, awards=IN_LOTS))
    assert [one.title for one in await awards(database, **question)] == found


async def test_every_choice_is_counted_and_years_begin_with_the_newest(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    old = release(2, "2024-02-01", awards=[award(1, PAVERS, 3, date="2024-06-01T00:00:00Z")])
    await bring(settings, tmp_path, release(1, tender=LOTS, awards=IN_LOTS), old)
    year = {"since": datetime(2026, 1, 1, tzinfo=UTC), "until": datetime(2027, 1, 1, tzinfo=UTC)}
    hits = await ask(database, Collection.AWARDS, **year)
    assert hits.total == 2
    assert hits.facets["year"] == (Count("2026", 2), Count("2024", 1)), "its own limit is not in force"
    assert hits.facets["source"] == (Count("Port", 2),)
    roles = (await ask(database, Collection.ORGANISATIONS, roles=("buyer",))).facets["role"]
    assert roles == (Count("buyer", 1), Count("supplier", 2))
    roles = (await ask(database, Collection.ORGANISATIONS, words="port", roles=("supplier",))).facets["role"]
    assert roles == (Count("buyer", 1),)


@pytest.mark.parametrize("collection", Collection)
@pytest.mark.parametrize("sort", ["", "value", "name"])
async def test_pages_of_any_collection_show_everything_once(
    collection: Collection, sort: str, settings: Settings, database: Database, tmp_path: Path
) -> None:
    await bring(settings, tmp_path, *(release(n, awards=IN_LOTS, tender=LOTS) for n in (1, 2)))
    whole = await ask(database, collection, sort=sort)
    assert whole.total == len(whole.found) > 1
    seen: list[str] = []
    after = ""
    for place in range(whole.total):
        hits = await ask(database, collection, sort=sort, size=1, after=after)
        seen += hits.found
        after = hits.next
        assert after == ("" if place + 1 == whole.total else f"{place + 1}-{hits.found[0]}")
    assert seen == list(whole.found)


async def test_what_changes_waits_to_be_told_to_another_engine(
    settings: Settings, database: Database, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    await bring(settings, tmp_path, release(1, tender=LOTS, awards=IN_LOTS))
    await owner.execute("DELETE FROM search_waiting")
    await bring(settings, tmp_path, release(1, "2026-06-01", awards=[award(2, PAVERS, 380, status="cancelled")]))
    waiting = await owner.fetch("SELECT collection, count(*) FROM search_waiting GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in waiting] == [("awards", 2), ("notices", 1), ("organisations", 3)]


async def test_an_award_of_ours_has_its_pages_and_tells_nothing_before_it_is_announced(
    scene: Scene, work: Work, database: Database
) -> None:
    await read_out(scene)
    await work()
    assert await awards(database) == []
    assert all(one.roles == ("buyer",) for one in (await organisations(database)).values())
    made = await awarded(scene)
    contract = await sign(scene, made)
    await work()
    (one,) = await awards(database, sources=("",))
    assert (one.id, one.path) == (made, f"/tenders/{scene.tender_id}/award")
    assert (one.status, one.contract_path) == ("active", f"/contracts/{contract}")
    assert one.signed_at is not None and one.signed_at - one.awarded_at > timedelta(days=1)
    assert one.bids == len(scene.bids)
    assert {one.won for one in (await organisations(database, roles=("supplier",))).values()} == {1}
