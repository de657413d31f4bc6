"""Atom feeds and calendars: valid, with permanent ids, told apart by ETag, and never older than the deadline."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree

import asyncpg
import httpx
import pytest
from icalendar import Calendar
from sqlalchemy.ext.asyncio import async_sessionmaker
from tendering import Town, refused
from told import Work, extend

from procurement.infra.db import engine
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.tx import Database
from procurement.kernel.checkpoint import SignerKey
from procurement.notices.service import calendars, following
from procurement.settings import Settings
from procurement.tenders import service as tenders

pytestmark = pytest.mark.anyio
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
async def place(settings: Settings) -> AsyncIterator[Work]:
    """Give every record its place in the log."""
    ordering = engine(settings.sequencer_database_url, pool=1)
    one = Sequencer(async_sessionmaker(ordering, expire_on_commit=False), SignerKey("test.example/record", bytes(32)))

    async def do() -> None:
        while await one.run_once():
            pass

    yield do
    await ordering.dispose()


async def feed(client: httpx.AsyncClient, path: str) -> ElementTree.Element:
    """The feed there, which has what RFC 4287 asks for."""
    answer = await client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{{{ATOM['a']}}}feed"
    for one in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"a:{name}", ATOM)) == 1 and one.findtext(f"a:{name}", namespaces=ATOM)
        assert datetime.fromisoformat(one.findtext("a:updated", namespaces=ATOM) or "").tzinfo
    assert root.find("a:author/a:name", ATOM) is not None
    ids = [one.text for one in root.findall("a:entry/a:id", ATOM)]
    assert len(set(ids)) == len(ids)
    return root


async def test_a_search_a_buyer_and_a_tender_have_feeds_that_their_pages_name(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, work: Work, place: Work
) -> None:
    await place()
    for page, path in (
        ("/tenders?q=resurfacing&sort=newest", "/tenders/feed.atom?q=resurfacing&sort=newest"),
        (f"/buyers/{town.city}", f"/buyers/{town.city}/feed.atom"),
        (f"/tenders/{tender}", f"/tenders/{tender}/feed.atom"),
    ):
        assert path.replace("&", "&amp;") in (await client.get(page)).text
        root = await feed(client, path)
        assert [one.text for one in root.findall("a:entry/a:title", ATOM)]
        itself = root.find("a:link[@rel='self']", ATOM)
        assert itself is not None and (await client.get(itself.attrib["href"])).status_code == 200
    first = await feed(client, f"/tenders/{tender}/feed.atom")
    assert "The tender was published" in {one.text for one in first.findall("a:entry/a:title", ATOM)}
    await extend(database, town, tender)
    await work()
    await place()
    second = await feed(client, f"/tenders/{tender}/feed.atom")
    known = {one.text for one in first.findall("a:entry/a:id", ATOM)}
    assert known < {one.text for one in second.findall("a:entry/a:id", ATOM)}, "what was told keeps its id"
    assert (second.findtext("a:updated", namespaces=ATOM) or "") > (first.findtext("a:updated", namespaces=ATOM) or "")


async def test_an_empty_search_is_a_feed_too_and_one_that_cannot_be_read_is_refused(
    client: httpx.AsyncClient, town: Town
) -> None:
    root = await feed(client, "/tenders/feed.atom?q=nothing+has+these+words")
    assert root.findall("a:entry", ATOM) == []
    assert (await client.get("/tenders/feed.atom?least=much")).status_code == 422
    assert (await client.get("/tenders/2026-9999/feed.atom")).status_code == 404


async def test_whoever_has_it_is_told_that_nothing_changed(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, work: Work
) -> None:
    path = "/tenders/feed.atom?q=resurfacing"
    first = await client.get(path)
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    assert (await client.get(path, headers={"If-None-Match": f"W/{tag}"})).status_code == 304
    assert (await client.get(path, headers={"If-Modified-Since": changed})).status_code == 304
    long_ago = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    for headers in (
        {"If-None-Match": '"x"', "If-Modified-Since": changed},
        {"If-Modified-Since": long_ago},
        {"If-Modified-Since": "x"},
    ):
        assert (await client.get(path, headers=headers)).status_code == 200
    await extend(database, town, tender)
    await work()
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 200


def entries(content: bytes) -> dict[str, tuple[datetime, int, str]]:
    """UID -> moment, SEQUENCE and STATUS."""
    found = Calendar.from_ical(content).walk("VEVENT")
    return {str(one["UID"]): (one["DTSTART"].dt, int(one["SEQUENCE"]), str(one["STATUS"])) for one in found}


async def test_a_deadline_that_moves_moves_in_the_calendar_and_a_cancelled_tender_is_cancelled_there(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, work: Work
) -> None:
    path = f"/tenders/{tender}/calendar.ics"
    answer = await client.get(path)
    assert answer.headers["content-type"].startswith("text/calendar")
    before = entries(answer.content)
    assert set(before) == {f"{tender}-{name}@test" for name in ("questions", "deadline", "opening")}
    await extend(database, town, tender)
    await work()
    after = entries((await client.get(path)).content)
    for uid, (at, sequence, status) in after.items():
        assert sequence > before[uid][1] and at >= before[uid][0] and status == "CONFIRMED"
    assert after[f"{tender}-deadline@test"][0] > before[f"{tender}-deadline@test"][0]
    async with database.begin(town.pia) as tx:
        await tenders.cancel(tx, tender, "The money went elsewhere.")
    await work()
    ended = entries((await client.get(path)).content)
    assert {status for _, _, status in ended.values()} == {"CANCELLED"}
    assert all(ended[uid][1] > after[uid][1] for uid in ended)


async def test_a_secret_address_shows_what_is_followed_until_it_is_revoked_or_its_maker_leaves(
    client: httpx.AsyncClient, database: Database, town: Town, tender: str, owner: asyncpg.Connection
) -> None:
    async with database.begin(town.ines) as tx:
        await following.follow(tx, "tender", tender, "off")
        own, ours = await calendars.make(tx), await calendars.make(tx, town.harbour)
    for token in (own, ours):
        found = await client.get(f"/calendar/{token}/following.ics")
        assert f"{tender}-deadline@test" in entries(found.content)
    assert await refused(database, town.rosa, lambda tx: calendars.make(tx, town.harbour)) == "not-permitted"
    async with database.begin(town.ines) as tx:
        [first] = [one for one in await calendars.mine(tx) if not one.organisation]
    assert await refused(database, town.rosa, lambda tx: calendars.revoke(tx, first.id)) == "calendar-unknown"
    async with database.begin(town.ines) as tx:
        await calendars.revoke(tx, first.id)
    assert (await client.get(f"/calendar/{own}/following.ics")).status_code == 404
    await owner.execute("UPDATE membership SET until = now() WHERE person = $1", town.ines.person)
    assert (await client.get(f"/calendar/{ours}/following.ics")).status_code == 404
