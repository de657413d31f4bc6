"""Searches with days and of awards, saved: what comes into them is told, and days that are over hinder nothing."""

from datetime import timedelta

import httpx
import pytest
from tendering import Town, open_tender, refused
from told import Work, letters

from procurement.infra.mail import Mail
from procurement.infra.search import Collection
from procurement.infra.tx import Database
from procurement.notices.rules.following import What
from procurement.notices.service import following
from procurement.notices.service.news import _enters
from procurement.publication.asked import Asked

pytestmark = pytest.mark.anyio


async def test_last_years_search_is_saved_without_its_days_and_told_of_the_next_one(
    database: Database, town: Town, work: Work, post: Mail, client: httpx.AsyncClient
) -> None:
    last_year = "q=resurfacing&kind=works&most=5000000&period=last-year"
    offer = await client.get("/follow", params={"kind": "search", "target": last_year})
    assert "you hear of the next one" in offer.text
    async with database.begin(town.rosa) as tx:
        saved = await following.follow(tx, "search", last_year, "at-once")
    assert saved.target == "q=resurfacing&status=all&kind=works&most=5000000"
    await open_tender(database, town)
    await work()
    [letter] = letters(post)
    assert letter.subject == "Published: Resurfacing of Harbour Road"


async def test_days_that_are_not_over_are_heeded(database: Database, town: Town, work: Work, post: Mail) -> None:
    async with database.begin(town.rosa) as tx:
        coming = f"{tx.now + timedelta(days=3):%Y-%m-%d}"
        await following.follow(tx, "search", f"q=resurfacing&since={coming}", "at-once")
        await following.follow(tx, "search", "q=resurfacing&since=2000-01-01&until=2100-01-01", "off")
    await open_tender(database, town)
    await work()
    assert letters(post) == []
    async with database.begin(town.rosa) as tx:
        assert [one.what for one in await following.news(tx)] == ["published"]


async def test_a_search_of_awards_is_told_of_awards_alone(database: Database, town: Town) -> None:
    async with database.begin(town.rosa) as tx:
        saved = await following.follow(tx, "search", "find=awards&q=lights&status=open", "daily")
        [(_, what)] = await following.mine(tx)
    assert (saved.target, what.path, what.feed) == (
        "find=awards&q=lights",
        "/awards?q=lights",
        "/awards/feed.atom?q=lights",
    )
    asked = Asked(find=Collection.AWARDS)
    assert [one for one in What if _enters(asked, one)] == [What.AWARDED]
    no = await refused(database, town.rosa, lambda tx: following.follow(tx, "search", "find=organisations", "daily"))
    assert no == "form-invalid"


@pytest.mark.parametrize("field", ["buyer", "supplier", "source"])
async def test_one_search_that_no_database_can_read_keeps_the_news_from_nobody(
    database: Database, town: Town, work: Work, post: Mail, field: str
) -> None:
    """PostgreSQL takes no NUL: whoever follows one would stop what compares each notice with every search."""
    async with database.begin(town.rosa) as tx:
        await following.follow(tx, "search", f"{field}=a%00b", "off")
        await following.follow(tx, "search", "q=resurfacing", "at-once")
    await open_tender(database, town)
    await work()
    assert [one.subject for one in letters(post)] == ["Published: Resurfacing of Harbour Road"]


async def test_the_letter_names_the_search_that_found_it(
    database: Database, town: Town, work: Work, post: Mail
) -> None:
    async with database.begin(town.rosa) as tx:
        await following.follow(tx, "search", 'q=resurfacing %26 "harbour"', "off")
        await following.follow(tx, "search", "q=resurfacing+harbour&kind=works", "at-once")
    async with database.begin(town.olga) as tx:
        await following.follow(tx, "buyer", town.city, "at-once")
    await open_tender(database, town)
    await work()
    by_search, by_buyer = sorted(letters(post), key=lambda letter: letter.to, reverse=True)
    assert "Found by your search: Tenders: “resurfacing harbour”, Open for bids, Works" in by_search.text
    assert "Found by your search" not in by_buyer.text
