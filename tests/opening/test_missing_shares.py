"""The opening of double-locked bids when shares cannot be read or keys are lost: others give, then the bidder's kit."""

from typing import TYPE_CHECKING

import asyncpg
import pytest
from bids_to_open import seal
from doubling import bidders, facts, kit, lost_bid, refused, released, unreadable
from opening_day import Day

from procurement.holders import service as holders
from procurement.opening import service

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


async def test_a_share_that_cannot_be_read_is_replaced_by_another_members(double: Day, advance: "Advance") -> None:
    who = await double.bidder("Adler Strassenbau")
    bid = seal(await double.tender(), who.organisation)
    await double.submit(who, bid, **await double.locked_to_all(bid, unreadable(1)))
    await released(double, advance)
    for one in double.holders[:2]:
        await double.give(one)
    await double.sweep()
    assert not await facts(double, "BidsOpened") and not await facts(double, "KitAsked")
    await double.give(double.holders[2])
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True]


async def test_the_bidders_kit_opens_what_too_few_members_can_read(
    double: Day, advance: "Advance", owner: asyncpg.Connection
) -> None:
    who, bid, digest = await lost_bid(double, advance)
    asked = await facts(double, "KitAsked")
    assert [one["supplier"] for one in asked] == [who.organisation]
    other = kit(double, who, bid, "f" * 64)
    act = lambda data: lambda tx: service.give_kit(tx, double.tender_id, data)  # noqa: E731  # an act, twice
    assert (await refused(double, who, act(other))).code == "identity-differs"
    assert (await refused(double, await double.bidder("Harbour Paving"), act(other))).code == "bid-unknown"
    for _ in range(2):
        async with double.database.begin(who) as tx:
            await service.give_kit(tx, double.tender_id, kit(double, who, bid, digest))
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True]
    assert await owner.fetchval("SELECT count(*) FROM bid_recovery WHERE identity IS NOT NULL") == 0
    assert len(await facts(double, "KitGiven")) == 1


async def test_a_kit_that_was_saved_before_the_bid_was_complete_opens_it_too(double: Day, advance: "Advance") -> None:
    """As every bid's first kit is that a browser saves; its key tells whose it is, though it names no digest."""
    who, bid, _ = await lost_bid(double, advance)
    async with double.database.begin(who) as tx:
        await service.give_kit(tx, double.tender_id, kit(double, who, bid, ""))
    await double.sweep()
    assert [one.valid for one in await double.opened()] == [True]


async def test_when_too_many_lost_their_keys_nobody_waits_for_them_and_bidders_are_asked(
    double: Day, advance: "Advance"
) -> None:
    made = await bidders(double, "Adler Strassenbau")
    who, bid = made["Adler Strassenbau"]
    await released(double, advance)
    first, second, third = double.holders
    digest = (await double.wanted(first)).shares[0].digest
    await double.give(first)
    async with double.database.begin(second.actor) as tx:
        await service.cannot_give(tx, double.tender_id)
    await double.sweep()
    assert not await facts(double, "KitAsked"), "the third may still give"
    async with double.database.begin(second.actor) as tx:
        shared = await service.sharing(tx, double.tender_id)
        assert shared and (shared.given, shared.missing) == (1, 1), "who can read none has not given"
        assert [bool(one.unable_at) for one in shared.members] == [False, True, False]
    async with double.database.begin(third.actor) as tx:
        await holders.end(tx, third.id, "The file is lost.")
    await double.sweep()
    assert len(await facts(double, "KitAsked")) == 1
    async with double.database.begin(who) as tx:
        await service.give_kit(tx, double.tender_id, kit(double, who, bid, digest))
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True]


async def test_a_key_that_is_found_again_still_gives(double: Day, advance: "Advance") -> None:
    await bidders(double, "Adler Strassenbau")
    await released(double, advance)
    first, second, _ = double.holders
    shares = await double.shares(second)
    async with double.database.begin(second.actor) as tx:
        await service.cannot_give(tx, double.tender_id)
    await double.give(first)
    async with double.database.begin(second.actor) as tx:
        await service.give_shares(tx, double.tender_id, shares)
        shared = await service.sharing(tx, double.tender_id)
    assert shared and (shared.given, shared.missing) == (2, 0)
    assert [one["unreadable"] for one in await facts(double, "SharesCounted")] == [1, 0, 0]
    public = await facts(double, "SharesGiven")
    assert [one.pop("able") for one in public] == [False, True, True]
    assert {name for one in public for name in one} == {"tender", "closing", "holder"}, "how many bids is not told"
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True]


async def test_a_key_that_was_ended_still_opens_what_was_sealed_to_it(double: Day, advance: "Advance") -> None:
    await bidders(double, "Adler Strassenbau")
    for one in double.holders:
        async with double.database.begin(one.actor) as tx:
            await holders.end(tx, one.id, "The office was reorganised.")
    await released(double, advance)
    assert len(await facts(double, "KitAsked")) == 1, "nobody is waited for"
    for one in double.holders[:2]:
        await double.give(one)
    await double.sweep()
    assert [bid.valid for bid in await double.opened()] == [True]
