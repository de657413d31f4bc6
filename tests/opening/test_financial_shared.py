"""Two envelopes under a double lock: key holders open bids first, and after the decision the prices of who passed."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest
from doubling import facts, unreadable
from opening_day import Day
from two_envelopes import CANARY, Half, bid_locked, decide, open_prices, standing

from procurement.holders import offline
from procurement.kernel.actor import Actor
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Kit, digest, envelope_bytes, kit_bytes
from procurement.opening import jobs, service
from procurement.opening.rules import FinancialState

pytestmark = pytest.mark.anyio
Advance = Callable[[timedelta], Awaitable[None]]


async def sweep_prices(day: Day) -> None:
    await jobs.sweep_prices(day.database, day.keyholder, day.files)


async def first_opened(day: Day, advance: Advance) -> None:
    """The technical envelopes are shown, with the shares of two holders."""
    await day.close_bidding(advance)
    await day.open()
    for one in day.holders[:2]:
        await day.give(one)
    await day.sweep()


async def as_sent(day: Day, place: int) -> offline.Wanted:
    """What the holder's own program reads."""
    return msgspec.json.decode(msgspec.json.encode(await day.wanted(day.holders[place])), type=offline.Wanted)


def answers(day: Day, place: int, wanted: offline.Wanted) -> list[offline.Given]:
    """What the holder's own program gives, which checks everything but the moved clock."""
    return offline.shares(day.holders[place].key, wanted, str(day.ledger.verifier), wanted.opening_at)


async def test_holders_give_again_for_prices_and_only_of_who_passed(double_two: Day, advance: Advance) -> None:
    day = double_two
    _, good, _ = await bid_locked(day, "Adler Strassenbau", "100.00")
    _, poor, _ = await bid_locked(day, "Brightwater Civil Ltd", CANARY)
    await first_opened(day, advance)
    assert [(bid.problem, bid.priced) for bid in await day.opened()] == [("", False)] * 2
    decided = await decide(day, good)
    await open_prices(day)
    assert (await standing(day)).state is FinancialState.OPENING
    wanted = await as_sent(day, 0)
    assert [one.digest for one in wanted.shares] == decided.passed, "whoever failed: shares are never asked"
    for place in (0, 2):
        given = [service.Given(one.digest, one.share) for one in answers(day, place, await as_sent(day, place))]
        assert all(one.share for one in given)
        await day.give(day.holders[place], given)
        await sweep_prices(day)
    assert (await standing(day)).state is FinancialState.SHOWN
    opened = {bid.bid_id: bid for bid in await day.opened()}
    assert opened[good].total == Money(125_005_000, "EUR") and not opened[poor].priced
    asked = await facts(day, "SharesAsked")
    assert [one.get("decision", "") != "" for one in asked] == [False, True]
    gave = [one["holder"] for one in await facts(day, "SharesGiven") if "decision" in one]
    assert gave == [day.holders[0].id, day.holders[2].id]
    async with day.database.begin(day.town.olga) as tx:
        view = await service.view(tx, day.tender_id)
    assert view.prices_sharing and view.prices_sharing.given == 2


async def test_a_holders_program_gives_no_price_without_the_technical_decision(
    double_two: Day, advance: Advance
) -> None:
    day = double_two
    _, good, halves = await bid_locked(day, "Adler Strassenbau")
    _, _, failed = await bid_locked(day, "Brightwater Civil Ltd")
    await day.close_bidding(advance)
    await day.open()
    first = await as_sent(day, 0)
    for one in day.holders[:2]:
        await day.give(one)
    await day.sweep()
    await decide(day, good)
    await open_prices(day)
    second = await as_sent(day, 0)
    assert second.decision and answers(day, 0, second)[0].share
    offered = second.shares[0]
    spoiled = [
        msgspec.structs.replace(second, decision=None),
        msgspec.structs.replace(second, decision=second.closing),
        msgspec.structs.replace(first, decision=second.decision),
        msgspec.structs.replace(second, shares=[offered, *first.shares]),
        msgspec.structs.replace(second, shares=[as_if(offered, failed[1])]),
        msgspec.structs.replace(second, decision=msgspec.structs.replace(second.decision, salt="ab" * 32)),
    ]
    for one in spoiled:
        with pytest.raises(Refused) as no:
            answers(day, 0, one)
        assert no.value.code == "closing-unproven"
    swapped = msgspec.structs.replace(offered, ct=first.shares[0].ct, commit=first.shares[0].commit)
    assert [one.share for one in answers(day, 0, msgspec.structs.replace(second, shares=[swapped]))] == [""]
    assert halves[1].identity != halves[0].identity


def as_if(offered: offline.Offered, half: Half) -> offline.Offered:
    """The share of one bid under the envelope of another."""
    data = envelope_bytes(half.envelope)
    return msgspec.structs.replace(offered, digest=digest(data), envelope=data.decode())


async def test_a_price_that_too_few_can_read_is_opened_with_its_bidders_financial_kit(
    double_two: Day, advance: Advance
) -> None:
    day = double_two
    who, bid, halves = await bid_locked(day, "Adler Strassenbau", "100.00", unreadable(1, 3))
    await first_opened(day, advance)
    await decide(day, bid)
    await open_prices(day)
    for one in day.holders:
        await day.give(one)
        await sweep_prices(day)
    asked = await facts(day, "KitAsked")
    assert [(one["bid"], "decision" in one) for one in asked] == [(bid, True)]
    assert await refused(day, who, kit(who, day, halves[0])) == "identity-differs", "the technical one opens no price"
    async with day.database.begin(who) as tx:
        assert [one.bid for one in (await service.view(tx, day.tender_id)).rescues] == [bid]
        await service.give_kit(tx, day.tender_id, kit(who, day, halves[1]))
    await sweep_prices(day)
    assert (await standing(day)).state is FinancialState.SHOWN
    assert [one.total for one in await day.opened()] == [Money(125_005_000, "EUR")]
    assert [one["bid"] for one in await facts(day, "KitGiven")] == [bid]


async def refused(day: Day, who: Actor, data: bytes) -> str:
    with pytest.raises(Refused) as no:
        async with day.database.begin(who) as tx:
            await service.give_kit(tx, day.tender_id, data)
    return no.value.code


def kit(who: Actor, day: Day, half: Half) -> bytes:
    return kit_bytes(
        Kit(
            tender=day.tender_id, supplier=who.organisation, version=1, identity=half.identity,
            digest=digest(envelope_bytes(half.envelope)), recipient=half.envelope.recipient,
        )
    )  # fmt: skip
