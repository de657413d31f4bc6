"""The public pages as a visitor without an account reads them."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from evaluated import Scene
from ocds_data import needs_samples
from ocds_schema import errors
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import async_sessionmaker
from tendering import SETUP, complete_draft, open_tender, visitor
from test_import_ocds import RELEASE, run
from test_publishing import award, read_out, sign
from test_search import notice
from waiting import Work

from procurement.bids.rules.declarations import statements
from procurement.infra.db import engine
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.tx import Database
from procurement.kernel.checkpoint import SignerKey
from procurement.publication.search import PostgresSearch
from procurement.settings import Settings
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """Every statement that any engine of this process executes, as it happens."""
    seen: list[str] = []

    def see(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", see)
    yield seen
    event.remove(Engine, "before_cursor_execute", see)


async def text(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return re.sub(r"\s+", " ", answer.text.replace("<mark>", "").replace("</mark>", ""))


async def test_a_visitor_finds_reads_and_follows_a_procurement_to_its_contract(
    scene: Scene, work: Work, client: httpx.AsyncClient
) -> None:
    await work()
    tender = f"/tenders/{scene.tender_id}"
    assert "Resurfacing of Harbour Road" in await text(client, "/tenders?status=all&q=harbour")
    notice = await text(client, tender)
    assert "operator of the keyholder could break the rule" in notice
    assert "Nothing has been decided yet" in await text(client, f"{tender}/award")
    await read_out(scene)
    made = await award(scene)
    await work()
    decided = await text(client, f"{tender}/award")
    for words in ("The best total of all compliant bids.", "Harbour Paving", "No proof of insurance.", "Standstill"):
        assert words in decided
    assert "Read the letter" not in decided, "a stranger has none"
    for who, concerned in ((scene.suppliers["harbour"], True), (scene.town.pia, False)):
        page = await visitor(scene.database, client, who)
        assert (f"{tender}/award/letter" in (await page.get(f"{tender}/award")).text) is concerned
    notice = await text(client, tender)
    assert "To be awarded to" in notice and notice.index("Harbour Paving") < notice.index("Bidding closed")
    contract = await sign(scene, made)
    await work()
    assert "Signed by both sides" in await text(client, f"/contracts/{contract}")
    for path in ("/", "/awards", f"/suppliers/{scene.suppliers['harbour'].organisation}", f"/buyers/{scene.town.city}"):
        assert "Resurfacing of Harbour Road" in await text(client, path), path


async def test_the_notice_says_how_long_a_bid_binds_in_the_words_that_its_bidder_declares(
    scene: Scene, client: httpx.AsyncClient, database: Database
) -> None:
    async with database.begin(SETUP) as tx:
        tender = await tenders.public_tender(tx, scene.tender_id)
    declared = next(one.text for one in statements(tender) if one.code == "validity")
    words = "90 calendar days after the deadline for bids"
    assert declared == f"This bid stays valid for {words}."
    assert re.search(f"{words}:<br>until .*end of ", await text(client, f"/tenders/{scene.tender_id}"))


async def test_a_draft_is_nobodys_business(scene: Scene, client: httpx.AsyncClient, database: Database) -> None:
    async with database.begin(scene.town.olga) as tx:
        draft = await complete_draft(tx)
    for path in ("", "/award", "/record"):
        await text(client, f"/tenders/{draft}{path}", 404)


@pytest.mark.parametrize(
    "path",
    ["/tenders/none", "/tenders/none/award", "/contracts/none", "/buyers/none", "/suppliers/none", "/notices/none",
     "/ocds/releases/none", "/ocds/record/none", "/ocds/bulk/1", "/tenders/none/record"],
)  # fmt: skip
async def test_what_does_not_exist_is_said_to_be_missing(path: str, client: httpx.AsyncClient) -> None:
    await text(client, path, 404)


@pytest.mark.parametrize("path", ["/", "/tenders", "/awards", "/ledger", "/tenders?status=all&q=nothing"])
async def test_pages_stand_before_anything_is_published(path: str, client: httpx.AsyncClient) -> None:
    await text(client, path)


async def test_a_wrong_amount_is_named_and_what_was_typed_stays(client: httpx.AsyncClient) -> None:
    shown = await text(client, "/tenders?least=lots", 422)
    assert 'value="lots"' in shown
    assert "“lots” is no amount" in shown


async def test_another_publishers_notice_is_marked_with_its_source(
    settings: Settings, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    release = {**RELEASE, "planning": [{"rationale": "old"}]}
    release["tender"] = release["tender"] | {"documents": [{"id": "1", "title": "<b>", "url": "javascript:alert(1)"}]}  # type: ignore[operator]  # a dict
    path.write_text(json.dumps({"publisher": {"name": "Port <Authority>"}, "releases": [release]}))
    await run(settings, path)
    found = await text(client, "/tenders?status=all&q=dredging")
    assert "From Port &lt;Authority&gt;" in found
    address = re.search(r"/notices/\w+", found)
    assert address
    shown = await text(client, address[0])
    for words in ("not by this service", "What we mended", "a list where one was expected", "&lt;b&gt;"):
        assert words in shown
    assert "javascript:" not in shown
    assert "Dredging" in await text(client, "/notices/ocds-abc123-1")
    assert "ocds-abc123-1" in await text(client, "/ocds/record/ocds-abc123-1?source=Port+%3CAuthority%3E")


@needs_samples
async def test_packages_and_records_are_valid_over_http(scene: Scene, work: Work, client: httpx.AsyncClient) -> None:
    await read_out(scene)
    await sign(scene, await award(scene))
    await work()
    ocid = (await scene.tender()).ocid
    for path, schema in (("releases", "release-package-schema.json"), ("record", "record-package-schema.json")):
        assert errors(schema, (await client.get(f"/ocds/{path}/{ocid}")).json()) == []


async def test_a_years_releases_come_one_a_line(scene: Scene, work: Work, client: httpx.AsyncClient) -> None:
    await work()
    published = (await scene.tender()).published_at
    assert published
    answer = await client.get(f"/ocds/bulk/{published.year}")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["tag"] for line in lines] == [["tender"]]
    assert (await client.get("/ocds/bulk/2001")).text == ""


async def test_programs_page_through_the_notices(database: Database, client: httpx.AsyncClient) -> None:
    await many(database, 70)
    seen: list[str] = []
    after = ""
    while True:
        page: dict[str, Any] = (await client.get(f"/api/v1/notices?status=all&after={after}")).json()
        seen += [notice["id"] for notice in page["notices"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 70
    assert page["total"] == 70


async def test_a_program_is_told_what_is_wrong(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/notices?least=lots")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/form-invalid")


async def many(database: Database, count: int, first: int = 1) -> None:
    async with database.begin(SETUP) as tx:
        await PostgresSearch().index(tx, [notice(number, f"Road {number}") for number in range(first, first + count)])


PAGES = ["/", "/tenders", "/tenders?status=all&q=road&sort=value", "/awards", "/buyers-and-suppliers?q=road",
         "/tenders?q=nothing&most=1", "/buyers/city", "/ledger",
         "/api/v1/notices"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_asks_the_database_as_often_for_many_as_for_few(
    path: str, database: Database, client: httpx.AsyncClient, queries: list[str]
) -> None:
    client.headers["cache-control"] = "no-cache"  # made anew each time
    await many(database, 3)
    await text(client, path)
    queries.clear()
    await text(client, path)
    few = len(queries)
    await many(database, 100, first=4)
    queries.clear()
    await text(client, path)
    assert len(queries) == few
    assert few <= 20


async def test_the_notice_asks_as_often_for_many_items_as_for_one(
    scene: Scene, client: httpx.AsyncClient, queries: list[str], database: Database
) -> None:
    client.headers["cache-control"] = "no-cache"  # made anew each time
    path = f"/tenders/{scene.tender_id}"
    await text(client, path)
    queries.clear()
    await text(client, path)
    assert len(queries) <= 25


async def test_every_public_page_is_under_a_hundred_kilobytes(
    scene: Scene, work: Work, client: httpx.AsyncClient, database: Database
) -> None:
    await many(database, 60)
    await work()
    for path in ("/", "/tenders?status=all", f"/tenders/{scene.tender_id}", "/awards"):
        assert len((await client.get(path)).content) < 100_000


async def test_a_notice_closes_with_the_clock_alone(
    scene: Scene, work: Work, client: httpx.AsyncClient, database: Database
) -> None:
    tender = await open_tender(database, scene.town)
    await work()
    assert f"/tenders/{tender}" in await text(client, "/tenders")
    await scene.advance(timedelta(days=70))
    assert f"/tenders/{tender}" not in await text(client, "/tenders")


async def test_the_record_of_a_procurement_is_read_again_and_an_altered_entry_is_named(
    scene: Scene, client: httpx.AsyncClient, settings: Settings, owner: asyncpg.Connection
) -> None:
    ordering = engine(settings.sequencer_database_url, pool=1)
    key = SignerKey("test.example/record", bytes(32))
    await Sequencer(async_sessionmaker(ordering, expire_on_commit=False), key).run_once()
    await ordering.dispose()
    path = f"/tenders/{scene.tender_id}/record"
    assert "Unaltered" in await text(client, path)
    await owner.execute("ALTER TABLE ledger_record DISABLE TRIGGER USER")
    await owner.execute(
        "UPDATE ledger_record SET body = replace(convert_from(body, 'UTF8'), 'open', 'oben')::bytea"
        " WHERE type = 'TenderPublished'"
    )
    shown = await text(client, path)
    assert "altered: not what was sealed" in shown
    assert "1 entry does not match" in shown


async def test_the_numbers_behind_the_charts_are_there_to_take_away(
    scene: Scene, work: Work, client: httpx.AsyncClient
) -> None:
    await read_out(scene)
    await award(scene)
    await work()
    home = await text(client, "/")
    for by, named in (("kind", "works"), ("buyer", "City of Marrow"), ("month", "")):
        assert f'href="/spending/{by}.csv"' in home
        answer = await client.get(f"/spending/{by}.csv")
        assert answer.headers["content-type"].startswith("text/csv")
        [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert (row["by"], row["awards"]) == (by, "1") and Decimal(row["amount"]) > 0
        assert named in row["name"]
    await text(client, "/spending/kind.xls", 404)
    await text(client, "/spending/person.csv", 404)
