"""What is found, as files, feeds and pages for programs."""

import csv
import io
import re

import httpx
import pytest
import searched
from searched import AWARDS, NOTICES, notice
from sqlalchemy import Engine, event
from tendering import SETUP

from procurement.infra.tx import Database
from procurement.publication.rules.derived import Derived
from procurement.publication.service import deriving

pytestmark = pytest.mark.anyio


TABS = ("/tenders", "/awards", "/buyers-and-suppliers")


@pytest.fixture(autouse=True)
async def public(database: Database) -> None:
    await searched.publish(database)


async def text(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return re.sub(r"\s+", " ", answer.text)


async def rows(client: httpx.AsyncClient, path: str) -> tuple[str, list[dict[str, str]]]:
    """The name of the file, and its rows."""
    answer = await client.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return answer.headers["content-disposition"], [*csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]


async def test_what_is_found_is_a_file_too(client: httpx.AsyncClient, database: Database) -> None:
    async with database.begin(SETUP) as tx:
        await deriving.keep(tx, [Derived(notice(9, "=HYPERLINK(A1)"), (), ())])
    _, tenders = await rows(client, "/tenders/found.csv?status=all")
    assert len(tenders) == len(NOTICES) + 1
    assert {one["title"] for one in tenders} >= {"'=HYPERLINK(A1)", "Electric refuse trucks"}
    [road] = [one for one in tenders if one["id"] == "2026-0001"]
    assert (road["value"], road["value_currency"], road["status"]) == ("1000.00", "EUR", "open")
    _, awards = await rows(client, "/awards/found.csv?kind=works")
    assert [(one["title"], one["suppliers"]) for one in awards] == [(AWARDS[0].title, "Brightwater Electric Ltd")]
    _, sellers = await rows(client, "/buyers-and-suppliers/found.csv?role=supplier")
    assert [(one["name"], one["won"]) for one in sellers] == [("Brightwater Electric Ltd", "2")]
    assert (await client.get("/tenders/found.csv?least=lots")).status_code == 422


async def test_a_file_ends_somewhere_and_its_name_says_so(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.publication.pages.takeaway.MOST_ROWS", 4)
    monkeypatch.setattr("procurement.publication.pages.takeaway.AT_ONCE", 2)
    name, cut = await rows(client, "/tenders/found.csv?status=all")
    assert len(cut) == len({one["id"] for one in cut}) == 4 and "newest-4.csv" in name
    name, whole = await rows(client, "/tenders/found.csv?q=road&status=all")
    assert len(whole) == 3 and "newest" not in name


async def test_however_long_a_file_is_it_is_counted_once(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counting costs more than the rows: one address asked for it twenty-five times."""
    counts: list[str] = []

    def see(connection: object, cursor: object, statement: str, *rest: object) -> None:
        counts.extend(["count"] * ("count(" in statement))

    event.listen(Engine, "before_cursor_execute", see)
    whole = await rows(client, "/tenders/found.csv?status=all")
    once = len(counts)
    monkeypatch.setattr("procurement.publication.pages.takeaway.AT_ONCE", 1)
    assert (await rows(client, "/tenders/found.csv?status=all"), len(counts)) == (whole, 2 * once)
    event.remove(Engine, "before_cursor_execute", see)


@pytest.mark.parametrize(
    ("path", "items", "total"),
    [("notices?status=all", "notices", 6), ("awards", "awards", 2), ("buyers-and-suppliers", "organisations", 3)],
)
async def test_programs_page_through_each(
    path: str, items: str, total: int, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.publication.api.PAGE", 1)
    seen: list[str] = []
    after = ""
    while True:
        page = (
            await client.get(f"/api/v1/{path}", params={**httpx.QueryParams(path.partition("?")[2]), "after": after})
        ).json()
        assert page["total"] == total
        seen += [one["id"] for one in page[items]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == total
    for one in page[items]:
        assert (await client.get(one["address"].removeprefix("http://test"))).status_code in (200, 303, 404)


@pytest.mark.parametrize("path", TABS)
async def test_every_tab_is_a_feed_too(path: str, client: httpx.AsyncClient) -> None:
    page = await text(client, f"{path}?q=marrow")
    assert f'href="{path}/feed.atom?q=marrow"' in page
    feed = await client.get(f"{path}/feed.atom?q=marrow")
    assert feed.headers["content-type"].startswith("application/atom+xml") and "<entry>" in feed.text
