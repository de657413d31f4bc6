"""Key holders who never answer: bidders' kits are asked for anyway, and whoever answers later still opens the bids."""

from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest
from doubling import bidders, facts, kit, released
from opening_day import Day
from tendering import visitor
from test_put_out import agree, no, propose, record, stepped, the_bid

from procurement.opening import service
from procurement.opening.rules import KIT_WAIT
from procurement.opening.rules.unread import SHARES_WAIT, SILENCE_WAIT
from procurement.opening.service import lists, paper_text

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def silence(day: Day, advance: "Advance") -> str:
    """One of three holders gives; the other two have let their time pass. The digest of the only bid."""
    await released(day, advance)
    digest = (await day.wanted(day.holders[0])).shares[0].digest
    await day.give(day.holders[0])
    await day.sweep()
    assert not await facts(day, "KitAsked"), "they still have time"
    await advance(SHARES_WAIT)
    await day.sweep()
    return digest


async def test_silence_holds_up_no_bid_whose_bidder_has_its_kit(double: Day, advance: "Advance") -> None:
    made = await bidders(double, "Adler Strassenbau")
    who, bid = made["Adler Strassenbau"]
    digest = await silence(double, advance)
    assert [one["supplier"] for one in await facts(double, "KitAsked")] == [who.organisation]
    async with double.database.begin(who) as tx:
        await service.give_kit(tx, double.tender_id, kit(double, who, bid, digest))
    await double.sweep()
    assert [one.valid for one in await double.opened()] == [True]


async def test_who_answers_after_the_kits_were_asked_for_still_opens_the_bids(double: Day, advance: "Advance") -> None:
    await bidders(double, "Adler Strassenbau", "Brightwater Civil Ltd")
    await silence(double, advance)
    assert len(await facts(double, "KitAsked")) == 2
    await double.give(double.holders[2])
    await double.sweep()
    assert [one.valid for one in await double.opened()] == [True, True]


async def test_two_people_go_on_without_a_bid_much_later_while_somebody_is_silent(
    double: Day, advance: "Advance"
) -> None:
    await bidders(double, "Adler Strassenbau")
    await silence(double, advance)
    lost, (first, second, third) = await the_bid(double), double.holders
    olga, pia = double.town.olga, double.town.pia
    await advance(KIT_WAIT)
    assert await no(double, olga, propose(double, lost)) == "kit-awaited"
    async with double.database.begin(olga) as tx:
        waits = await lists.unread_bids(tx, (await lists.openings_of(tx, [double.tender_id])).values())
    [asked] = await facts(double, "KitAsked")
    assert waits[double.tender_id].until.isoformat() > asked["until"]
    await advance(SILENCE_WAIT - KIT_WAIT)
    await stepped(double, olga, propose(double, lost))
    await stepped(double, pia, agree(double, lost))
    await double.give(second)
    await double.sweep()
    [fact] = await facts(double, "BidPutOut")
    assert (fact["read"], fact["nothing"]) == ([first.id], [second.id, third.id])
    signed = await record(double)
    [told] = signed["put_out"]
    assert [one["said"] for one in told["holders"]] == ["read", "nothing", "nothing"], "as it was at the decision"
    words = paper_text._said(signed)[lost]
    assert words[1] == f"{second.office} did not answer."


async def test_nobody_silent_any_more_ends_the_longer_wait(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    await bidders(double, "Adler Strassenbau")
    await silence(double, advance)
    lost, (_, second, third) = await the_bid(double), double.holders
    await advance(KIT_WAIT)
    for one in (second, third):
        async with double.database.begin(one.actor) as tx:
            await service.cannot_give(tx, double.tender_id)
    await stepped(double, double.town.olga, propose(double, lost))


async def test_pages_say_who_is_awaited_and_until_when(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    made = await bidders(double, "Adler Strassenbau")
    here = f"/tenders/{double.tender_id}/opening"
    await released(double, advance)
    assert "They are waited for alone until" in (await client.get(here)).text
    await advance(SHARES_WAIT)
    await double.sweep()
    assert "They have not answered in three days" in (await client.get(here)).text
    page = (await (await visitor(double.database, client, double.town.olga)).get(here)).text
    assert "has not answered" in page and "While somebody is silent" in page
    bidder = await visitor(double.database, client, made["Adler Strassenbau"][0])
    assert "Your bid needs your recovery kit" in (await bidder.get(here)).text
