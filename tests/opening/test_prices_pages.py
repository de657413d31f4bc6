"""The opening of prices as people and programs see it: to everybody the same, and no price before all."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from anyio import from_thread, to_thread
from doubling import facts, unreadable
from opening_day import Day
from tendering import Visitor
from two_envelopes import CANARY, bid_locked, bid_two, decide, open_prices, standing

from procurement.infra import keys
from procurement.infra.ledger.publishing import publish_key
from procurement.kernel.actor import Actor, system
from procurement.opening import jobs
from procurement.opening.service.ending import ENDER, end_keys
from procurement.settings import Settings
from procurement.verifier import whole

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]
Visit = Callable[[Actor | None], Awaitable[Visitor]]


async def test_everybody_follows_from_the_sealed_price_to_the_opened_one(
    two: Day, visit: Visit, advance: Advance
) -> None:
    _, good = await bid_two(two, "Adler Strassenbau", "100.00")
    await bid_two(two, "Brightwater Civil Ltd", CANARY)
    here, reader = f"/tenders/{two.tender_id}/opening/prices", await visit(None)
    assert "Prices are sealed until" in (await reader.get(here)).text
    await two.close_bidding(advance)
    await two.open()
    opening = (await reader.get(f"/tenders/{two.tender_id}/opening")).text
    assert opening.count("Price sealed") == 2
    await decide(two, good)
    decided = (await reader.get(here)).text
    assert "Their prices are still sealed" in decided and "stays sealed" in decided
    assert decided.count('data-live="2"') == 4 and 'http-equiv="refresh"' in decided, "it follows, also without scripts"
    assert 'http-equiv="refresh"' not in (await reader.get(f"{here}?still=true")).text
    asks, confirms = await visit(two.town.otto), await visit(two.town.omar)
    assert "Ask for the prices" in (await asks.get(here)).text
    assert "<form" not in (await reader.get(here)).text
    wrong = await asks.send(here, f"{here}/request", code="12")
    assert wrong.status_code == 422 and "six figures" in wrong.text
    assert (await asks.send(here, f"{here}/request", code=await two.code(two.town.otto))).status_code == 303
    assert (await confirms.send(here, f"{here}/confirm", code=await two.code(two.town.omar))).status_code == 303
    assert "The prices are being opened" in (await reader.get(here)).text
    await jobs.sweep_prices(two.database, two.keyholder, two.files)
    shown = (await reader.get(here)).text
    assert "One price was opened" in shown and "1 250 050.00" in shown.replace("\u202f", " ").replace("\u00a0", " ")
    assert "stays sealed" in shown and CANARY not in shown
    said = (await reader.get(f"/api/v1{here}")).json()
    assert (said["state"], said["passed"], [one["bid"] for one in said["read_out"]]) == ("shown", 1, [good])
    assert (await reader.get(f"{here}/record")).json()["record"]["type"] == "prices-record/v1"


async def test_a_browser_is_offered_to_seal_both_envelopes(two: Day, visit: Visit) -> None:
    bidder = await two.bidder("Adler Strassenbau")
    browser, here = await visit(bidder), f"/tenders/{two.tender_id}/bid"
    begin = (await browser.get(here)).text
    assert "takes two envelopes" in begin and "/bid/device" in begin
    page = (await browser.get(f"{here}/device")).text
    assert "each has a recovery kit of its own" in page and page.count("data-digest") == 2
    asked = (await browser.get(f"{here}/device/asked")).json()["asked"]
    tender = await two.tender()
    assert (asked["recipient"], asked["financial_recipient"]) == (
        tender.keyholder_recipient,
        tender.financial_recipient,
    )


async def test_with_key_holders_the_pages_say_what_each_is_asked_for_and_two_people_end_the_waiting(
    double_two: Day, visit: Visit, advance: Advance, owner: asyncpg.Connection, settings: Settings
) -> None:
    day, town = double_two, double_two.town
    bidder, good, _ = await bid_locked(day, "Adler Strassenbau", "100.00", unreadable(1, 3))
    await day.close_bidding(advance)
    await day.open()
    for one in day.holders[:2]:
        await day.give(one)
    await day.sweep()
    await decide(day, good)
    here = f"/tenders/{day.tender_id}/opening"
    holder = await visit(day.holders[0].actor)
    assert "Nothing to give yet" in (await holder.get(f"{here}/shares")).text
    await open_prices(day)
    assert "2 more key holders have to give" in (await (await visit(None)).get(f"{here}/prices")).text
    assert "the other prices stay sealed" in (await holder.get(f"{here}/shares")).text
    assert (await holder.get(f"{here}/shares/wanted.json")).json()["decision"]
    for one in day.holders:
        await day.give(one)
        await jobs.sweep_prices(day.database, day.keyholder, day.files)
    assert "Please try again" in (await holder.get(f"{here}/shares")).text
    asked = (await (await visit(bidder)).get(f"{here}/prices")).text
    assert "Bring the kit of the financial envelope" in asked and f"{here}/kit" in asked
    assert "A price waits" in (await (await visit(town.olga)).get(f"{here}/prices")).text
    await day.move_to((await facts_until(day)) + timedelta(seconds=1), advance)
    olga, pia = await visit(town.olga), await visit(town.pia)
    reason = {"reason": "Nobody could read it for three days."}
    said = await olga.send(f"{here}/prices", f"{here}/unread/{good}/propose", **reason)
    assert said.headers["location"] == f"{here}/prices"
    await pia.send(f"{here}/prices", f"{here}/unread/{good}/decide", decision="put-out")
    await jobs.sweep_prices(day.database, day.keyholder, day.files)
    assert (await standing(day)).shown_at and [bid.problem_code for bid in await day.opened()] == ["shares-unreadable"]
    record = (await olga.get(f"{here}/prices/record")).json()["record"]
    assert [one["bid"] for one in record["put_out"]] == [good] and len(record["shares"]) == 3
    assert "the record of prices is signed" in await verified(day, settings, (await visit(None)).client)
    assert await owner.fetchval("SELECT count(*) FROM price_share WHERE given IS NULL") == 3, "as evidence"
    async with day.database.begin(ENDER) as tx:
        await end_keys(tx, [day.tender_id])
    assert await owner.fetchval("SELECT count(*) FROM price_share") == 0, "until the tender's key ends"


async def verified(day: Day, settings: Settings, stranger: httpx.AsyncClient) -> str:
    """What `procurement verify tender` says of it."""
    signer = keys.signer(Path(settings.data) / "keys" / "receipts", day.ledger.verifier.name + keys.RECEIPTS)
    async with day.database.begin(system("ledger")) as tx:
        await publish_key(tx, "receipts", str(signer.verifier))
    await day.sequence()

    def fetch(path: str) -> bytes:
        return from_thread.run(stranger.get, path).content

    ocid = (await day.tender()).ocid
    _, found = await to_thread.run_sync(lambda: whole.verify(fetch, day.ledger.verifier, ocid))
    assert not found.notes
    return " ".join(found.checks)


async def facts_until(day: Day) -> datetime:
    """Until when the bidder has time."""
    return datetime.fromisoformat((await facts(day, "KitAsked"))[0]["until"])
