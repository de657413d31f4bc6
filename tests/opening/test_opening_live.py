"""The page of an opening as somebody watches it: it follows by itself, tells each step, and never how many bid."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from bids_to_open import seal
from opening_day import RECEIPTS, Day
from tendering import MODEL_LAW, Visitor, settle_town, visitor

from procurement.infra.tx import Database
from procurement.opening import jobs
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]
REFRESH = '<meta http-equiv="refresh"'
# What differs by itself from one moment to the next: tokens, the request's name, and the clocks.
PASSING = re.compile(
    r'data-left="\d+"|<b>\d\d</b>|name="_token" value="\w+"|Request <bdi.*?</bdi>|<aside class="practice".*?</aside>',
    re.DOTALL,
)


async def seen(anyone: Visitor, day: Day, **asked: str) -> str:
    """The page without what differs by itself."""
    answer = await anyone.client.get(f"/tenders/{day.tender_id}/opening", params=asked)
    return PASSING.sub("", answer.text)


async def test_it_counts_down_then_follows_each_step_and_stops_when_all_is_shown(
    day: Day, advance: Advance, client: httpx.AsyncClient
) -> None:
    anyone, officer = [await visitor(day.database, client, actor) for actor in (None, day.town.olga)]
    before = await seen(anyone, day)
    assert 'class="clock"' in before
    assert 'data-live="10" data-live-as="bidding"' in before
    await day.close_bidding(advance)
    closed = await seen(anyone, day)
    assert 'data-live="2" data-live-as="acts"' in closed
    assert REFRESH in closed
    assert REFRESH not in await seen(anyone, day, still="true")
    assert REFRESH not in await seen(officer, day)  # who is typing a code
    await day.request(day.town.olga)
    assert "A first officer asked" in await seen(anyone, day)
    await day.confirm(day.town.pia)
    assert "Opening now" in await seen(anyone, day)
    await day.sweep()
    assert 'data-live="5"' in await seen(anyone, day)  # until the record's document is there
    await day.sequence()
    await jobs.write_papers(day.database, day.files, RECEIPTS)
    shown = await seen(anyone, day)
    assert "No bid was received in time" in shown
    assert "Opening record (PDF" in shown
    assert "data-live=" not in shown
    assert REFRESH not in shown


async def test_no_step_of_it_tells_how_many_bid(double: Day, advance: Advance, client: httpx.AsyncClient) -> None:
    """The page is the same, to the letter, before one bid came and after two, until they are shown."""
    anyone = await visitor(double.database, client, None)
    empty = await seen(anyone, double)
    for name in ("Adler Strassenbau", "Stone Works"):
        bidder = await double.bidder(name)
        await double.submit(bidder, seal(await double.tender(), bidder.organisation))
    assert await seen(anyone, double) == empty
    await double.close_bidding(advance)
    await double.open()
    waiting = await seen(anyone, double)
    assert "2 more key holders have to give" in waiting
    await double.give(double.holders[0])
    one_more = await seen(anyone, double)
    assert "One more key holder has to give" in one_more
    for page in (waiting, one_more):
        assert "Adler" not in page
        assert not re.search(r"\b(2|two) (sealed )?bids", page, re.IGNORECASE)
    await double.give(double.holders[1])
    await double.sweep()
    shown = await seen(anyone, double)
    assert "2 bids were opened, all together." in shown
    assert "Adler" in shown


async def test_where_nothing_is_read_aloud_the_public_is_not_told_that_nobody_bid(
    database: Database, settings: Settings, keyholder: Path, advance: Advance, client: httpx.AsyncClient
) -> None:
    town = await settle_town(database, rules=MODEL_LAW.replace(b"public = true", b"public = false"))
    day = Day(database, keyholder, settings.sequencer_database_url, Path(settings.data), town)
    await day.prepare()
    bidder = await day.bidder("Adler Strassenbau")
    await day.submit(bidder, seal(await day.tender(), bidder.organisation))
    await day.close_bidding(advance)
    await day.open()
    shown = await seen(await visitor(database, client, None), day)
    assert "does not let them be read out in public" in shown
    assert "No bid was received" not in shown
    assert "Adler" not in shown
    assert "Adler" in await seen(await visitor(database, client, town.olga), day)
    await day.close()
