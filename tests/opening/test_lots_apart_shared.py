"""Two lots priced apart under a double lock: key holders give shares of what passed, lot by lot."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest
from doubling import facts, unreadable
from lots_apart import HUNDRED, bid_for_lots, dealt_otherwise, sealed, submit
from opening_day import Day
from test_financial_shared import answers, as_sent, first_opened, refused, sweep_prices
from two_envelopes import CANARY, decide, open_prices, standing

from procurement.client.sealing import SealedBid
from procurement.client.sealing.sealer import SealedEnvelope
from procurement.kernel.actor import Actor
from procurement.kernel.sealing import kit_bytes
from procurement.opening import service
from procurement.opening.rules import FinancialState

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def give_all(day: Day, count: int) -> None:
    """So many holders give what their own program makes of what it is sent."""
    for place in range(count):
        given = [service.Given(one.digest, one.share) for one in answers(day, place, await as_sent(day, place))]
        await day.give(day.holders[place], given)
        await sweep_prices(day)


async def test_no_share_is_asked_of_a_price_in_a_lot_that_was_failed(double_lots: Day, advance: Advance) -> None:
    day = double_lots
    roads, kerbs = (lot.id for lot in (await day.tender()).lots)
    _, adler, by_adler = await bid_for_lots(day, "Adler Strassenbau", "100.00", CANARY)
    _, harbour, _ = await bid_for_lots(day, "Harbour Paving", "100.00", "100.00")
    await first_opened(day, advance)
    decided = await decide(day, (adler, roads), (harbour, roads), (harbour, kerbs))
    await open_prices(day)
    wanted = [one.digest for one in (await as_sent(day, 0)).shares]
    assert wanted == decided.passed and by_adler.financial[1].kit.digest not in wanted
    await give_all(day, 2)
    assert (await standing(day)).state is FinancialState.SHOWN
    opened = {bid.bid_id: bid.lot_totals for bid in await day.opened()}
    assert opened == {adler: {roads: HUNDRED}, harbour: {roads: HUNDRED, kerbs: HUNDRED}}


async def test_a_holders_program_takes_no_share_of_one_lot_for_that_of_another(
    double_lots: Day, advance: Advance
) -> None:
    day = double_lots
    roads, kerbs = (lot.id for lot in (await day.tender()).lots)
    _, bid, _ = await bid_for_lots(day, "Adler Strassenbau", "100.00", "100.00")
    await first_opened(day, advance)
    await decide(day, (bid, roads), (bid, kerbs))
    await open_prices(day)
    wanted = await as_sent(day, 0)
    first, second = wanted.shares
    crossed = [
        msgspec.structs.replace(first, ct=second.ct, commit=second.commit),
        msgspec.structs.replace(second, ct=first.ct, commit=first.commit),
    ]
    assert [one.share for one in answers(day, 0, msgspec.structs.replace(wanted, shares=crossed))] == ["", ""]


async def lost_price(day: Day, advance: Advance) -> tuple[Actor, SealedBid, SealedEnvelope, str, list[str]]:
    """Of a bid for two lots too few holders can read the price of the second; all answered. Its bidder, the bid, that
    envelope, its id, the lots."""
    lots = [lot.id for lot in (await day.tender()).lots]
    who = await day.bidder("Adler Strassenbau")
    bid = await sealed(day, who, ["100.00", "100.00"])
    locked = await dealt_otherwise(day, bid.financial[1], unreadable(1, 3))
    bid_id = (await submit(day, who, bid, [bid.financial[0].envelope, locked.envelope])).bid.id
    await first_opened(day, advance)
    await decide(day, *((bid_id, lot) for lot in lots))
    await open_prices(day)
    await give_all(day, 3)
    return who, bid, locked, bid_id, lots


async def test_a_price_that_too_few_can_read_needs_the_kit_of_its_own_lot(double_lots: Day, advance: Advance) -> None:
    day = double_lots
    who, bid, locked, bid_id, (roads, kerbs) = await lost_price(day, advance)
    assert [(one["bid"], one["lot"]) for one in await facts(day, "KitAsked")] == [(bid_id, kerbs)]
    for other in (bid.kit, bid.financial[0].kit):
        assert await refused(day, who, kit_bytes(other)) == "identity-differs", "who is asked for one gives that alone"
    async with day.database.begin(who) as tx:
        assert [(one.bid, one.lot) for one in (await service.view(tx, day.tender_id)).rescues] == [(bid_id, kerbs)]
        await service.give_kit(tx, day.tender_id, kit_bytes(locked.kit))
    await sweep_prices(day)
    assert [one.lot_totals for one in await day.opened()] == [{roads: HUNDRED, kerbs: HUNDRED}]
    assert [one["lot"] for one in await facts(day, "KitGiven")] == [kerbs]


async def test_two_people_may_go_on_without_the_price_of_one_lot(double_lots: Day, advance: Advance) -> None:
    day = double_lots
    _, _, locked, bid_id, (roads, kerbs) = await lost_price(day, advance)
    await advance(timedelta(days=4))
    async with day.as_(day.town.olga) as tx:
        [waits] = await service.unread_bids(tx, day.tender_id)
        assert (waits.bid, waits.lot, waits.digest) == (bid_id, kerbs, locked.kit.digest)
        await service.propose_to_put_out(tx, day.tender_id, bid_id, "Nobody can open this price.", kerbs)
    async with day.as_(day.town.pia) as tx:
        await service.agree_to_put_out(tx, day.tender_id, bid_id, kerbs)
    await sweep_prices(day)
    [after] = await day.opened()
    assert after.lot_totals == {roads: HUNDRED} and set(after.shut_lots) == {kerbs} and after.valid
