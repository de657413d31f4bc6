"""A bid that too few key holders could read: nothing voids it but two people, and the record says who could not."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import msgspec
import pytest
from doubling import bidders, facts, kit, lost_bid, refused
from opening_day import RECEIPTS, Day
from tendering import program, visitor

from procurement.infra.tx import Tx
from procurement.kernel.actor import Actor
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.refusal import Refused
from procurement.opening import service
from procurement.opening.rules import KIT_WAIT
from procurement.opening.service import ending, lists
from procurement.opening.service.ending import ENDER
from procurement.opening.service.paper_text import _said

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio

REASON = "Its bidder was called twice, and no key holder finds another copy."
BEYOND = KIT_WAIT + timedelta(minutes=1)
Act = Callable[[Tx], Awaitable[object]]


async def the_bid(day: Day) -> str:
    async with day.database.begin(day.town.olga) as tx:
        [one] = await service.unread_bids(tx, day.tender_id)
    return one.bid


async def stepped(day: Day, actor: Actor, act: Act) -> None:
    async with day.as_(actor) as tx:
        await act(tx)


async def no(day: Day, actor: Actor, act: Act) -> str:
    with pytest.raises(Refused) as refusal:
        await stepped(day, actor, act)
    return refusal.value.code


def propose(day: Day, bid: str, reason: str = REASON) -> Act:
    return lambda tx: service.propose_to_put_out(tx, day.tender_id, bid, reason)


def agree(day: Day, bid: str) -> Act:
    return lambda tx: service.agree_to_put_out(tx, day.tender_id, bid)


async def record(day: Day) -> dict[str, Any]:
    async with day.database.begin(day.town.olga) as tx:
        signed: dict[str, Any] = msgspec.json.decode(await service.record(tx, RECEIPTS, day.tender_id))["record"]
    return signed


async def test_time_alone_voids_nothing_and_the_kit_is_still_taken(double: Day, advance: "Advance") -> None:
    who, bid, digest = await lost_bid(double, advance)
    await advance(30 * KIT_WAIT)
    await double.sweep()
    assert not await facts(double, "BidsOpened")
    async with double.database.begin(who) as tx:
        await service.give_kit(tx, double.tender_id, kit(double, who, bid, digest))
    await double.sweep()
    assert [one.valid for one in await double.opened()] == [True]


async def test_two_people_put_it_out_when_its_bidder_had_its_time(double: Day, advance: "Advance") -> None:
    await bidders(double, "Brightwater Civil Ltd")
    who, bid, digest = await lost_bid(double, advance)
    olga, pia = double.town.olga, double.town.pia
    lost = await the_bid(double)
    assert await no(double, olga, propose(double, lost)) == "kit-awaited"
    await advance(BEYOND)
    assert (await refused(double, olga, propose(double, lost))).code == "step-up-needed"
    assert await no(double, who, propose(double, lost)) == "not-permitted"
    assert await no(double, olga, propose(double, lost, "No.")) == "form-invalid"
    assert await no(double, olga, propose(double, "bbbbbbbbbbbbbbbb")) == "bid-unknown"
    assert await no(double, pia, agree(double, lost)) == "not-proposed"
    await stepped(double, olga, propose(double, lost))
    assert await no(double, olga, agree(double, lost)) in ("not-permitted", "same-person")
    await double.sweep()
    assert not await facts(double, "BidsOpened"), "one person decides nothing"
    await stepped(double, pia, agree(double, lost))
    late = lambda tx: service.give_kit(tx, double.tender_id, kit(double, who, bid, digest))  # noqa: E731  # an act
    assert (await refused(double, who, late)).code == "kit-late"
    await double.sweep()
    opened = {one.bid_id: one.problem_code for one in await double.opened()}
    assert opened.pop(lost) == "shares-unreadable" and list(opened.values()) == [""]


async def test_the_record_says_who_could_not_read_and_what_was_locked_to_them_is_kept(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    _, _, digest = await lost_bid(double, advance)
    lost, (first, second, third) = await the_bid(double), double.holders
    await advance(BEYOND)
    await stepped(double, double.town.olga, propose(double, lost))
    await stepped(double, double.town.pia, agree(double, lost))
    assert await the_words(double, first, second) == [], "what is said now changes nothing"
    await double.sweep()
    [fact] = await facts(double, "BidPutOut")
    said = {"read": [second.id], "unreadable": [first.id, third.id], "nothing": []}
    assert fact == {"tender": double.tender_id, "bid": lost, "digest": digest, "reason": REASON, **said}
    [told] = (await record(double))["put_out"]
    assert (told["bid"], told["reason"]) == (lost, REASON)
    assert [(one["office"], one["said"]) for one in told["holders"]] == [
        (first.office, "unreadable"), (second.office, "read"), (third.office, "unreadable"),
    ]  # fmt: skip
    assert double.town.olga.person not in str(told), "no person is named in it"
    words = _said(await record(double))[lost]
    assert words[0] == f"{first.office} said that its share cannot be read." and REASON in words[-1]
    kept = await owner.fetch("SELECT sha256, ct, given FROM released_share ORDER BY place")
    assert [(one["sha256"], sha256_hex(one["ct"].encode())) for one in kept] == [
        (one["commit"], one["ct"]) for one in told["holders"]
    ]
    assert [one["given"] for one in kept] == [None] * 3, "no part of the key is kept"
    async with double.database.begin(ENDER) as tx:
        await ending.end_keys(tx, [double.tender_id])
    assert await owner.fetchval("SELECT count(*) FROM released_share") == 0


async def the_words(day: Day, *who: Any) -> list[str]:
    """These holders answer once more. The public facts that this made."""
    before = len(await facts(day, "SharesCounted"))
    for one in who:
        await day.give(one, [service.Given(each.digest) for each in (await day.wanted(one)).shares])
    return [str(one) for one in (await facts(day, "SharesCounted"))[before:]]


async def test_a_second_person_may_wait_on_and_a_holder_who_tries_again_opens_it(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    await bidders(double, "Brightwater Civil Ltd")
    await said_unreadable(double, advance)
    lost, first = await the_bid(double), double.holders[0]
    await advance(BEYOND)
    await stepped(double, double.town.olga, propose(double, lost))
    await stepped(double, double.town.pia, lambda tx: service.wait_on(tx, double.tender_id, lost))
    assert [one["bid"] for one in await facts(double, "PutOutRefused")] == [lost]
    async with double.database.begin(double.town.olga) as tx:
        [waits] = await service.unread_bids(tx, double.tender_id)
        assert waits.proposed_by == "" and set(await lists.shares_awaited(tx, first.id)) == {double.tender_id}
    await double.give(first)
    assert await no(double, double.town.olga, propose(double, lost)) == "bid-unknown", "enough can read it now"
    await double.sweep()
    assert [one.valid for one in await double.opened()] == [True]
    assert await owner.fetchval("SELECT count(*) FROM released_share") == 0
    assert not await facts(double, "BidPutOut") and "put_out" not in await record(double)


async def said_unreadable(day: Day, advance: "Advance") -> None:
    """Two of three holders say of every bid that they cannot read it, though they could."""
    await day.close_bidding(advance)
    await day.open()
    first, second, third = day.holders
    await day.give(second)
    for one in (first, third):
        await day.give(one, [service.Given(each.digest) for each in (await day.wanted(one)).shares])
    await day.sweep()


async def test_the_page_tells_officers_who_could_not_read_and_takes_the_decision(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    await lost_bid(double, advance)
    here, lost, (first, _, _) = f"/tenders/{double.tender_id}/opening", await the_bid(double), double.holders
    officer = await visitor(double.database, client, double.town.olga)
    approver = await visitor(double.database, client, double.town.pia)
    page = (await officer.get(here)).text
    assert "A bid that too few key holders have opened" in page and first.office in page and "Adler" not in page
    assert "says that it cannot be read" in page and "Propose to go on" not in page
    assert "A bid that too few" not in (await client.get(here)).text, "for the buyer's people alone"
    holder = await visitor(double.database, client, first.actor)
    assert "Please try again" in (await holder.get(f"{here}/shares")).text
    await advance(BEYOND)
    there = f"{here}/unread/{lost}"
    assert "Judge what holds up the opening" in (await officer.get("/desk")).text
    assert (await officer.send(f"{there}/propose", reason="No.")).status_code == 422
    assert (await officer.send(f"{there}/propose", reason=REASON)).status_code == 303
    assert "An approver decides it" in (await officer.get(here)).text
    assert "Decide whether to go on without a bid" in (await approver.get("/desk")).text
    page = (await approver.get(here)).text
    assert REASON in page and "Go on without this bid" in page and "Wait on for it" in page
    assert (await approver.send(f"{there}/decide", decision="perhaps")).status_code == 422
    assert (await approver.send(f"{there}/decide", decision="put-out")).status_code == 303
    await double.sweep()
    assert "two people of the buyer decided not to wait" in (await officer.get(here)).text


async def test_a_program_of_the_buyer_reads_what_holds_up_the_opening(
    double: Day, client: httpx.AsyncClient, advance: "Advance"
) -> None:
    who, _, digest = await lost_bid(double, advance)
    here = f"/api/v1/tenders/{double.tender_id}/opening/unread"
    [one] = (await (await program(double.database, client, double.town.olga)).get(here)).json()
    assert one["digest"] == digest and [reader["said"] for reader in one["readers"]] == [
        "unreadable",
        "read",
        "unreadable",
    ]
    assert who.organisation not in str(one)
    assert (await (await program(double.database, client, who)).get(here)).status_code == 403
