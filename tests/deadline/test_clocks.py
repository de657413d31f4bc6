"""Clocks that are wrong: by a minute or a second back, a second or an hour on; the database's, or the keyholder's.

Everything fails closed. Nothing gets in late, or by a clock that was set back; nothing is latched by one clock alone;
nothing is opened before the keyholder's own clock says so.
"""

from datetime import timedelta

import pytest
from clocks import BEHIND, LATE, Clocks, refusal
from hearing import CREATED
from scene import Scene
from sending import ask
from wrong_clocks import Hands

from procurement.infra.keyholder import Keyholder

pytestmark = pytest.mark.anyio

MINUTE_BACK, TWO_BACK, SECOND_BACK, SECOND_ON, HOUR_ON = -60.0, -2.0, -1.0, 1.0, 3600.0
WRONG = (MINUTE_BACK, SECOND_BACK, HOUR_ON)


async def test_before_the_deadline_a_wrong_clock_of_the_database_lets_nobody_in(call: Scene, clocks: Clocks) -> None:
    await clocks.swept()
    for wrong, code in ((SECOND_BACK, BEHIND), (MINUTE_BACK, BEHIND), (HOUR_ON, LATE)):
        await call.database_clock(wrong)
        assert clocks.submits() == code, wrong
        if wrong != SECOND_BACK:  # no two clocks are the same: to within a second they agree
            await clocks.stands_still()
        assert not await clocks.latched()
        await call.database_clock(0)
        assert clocks.submits() == "", "right again, and bids are received"


async def test_before_the_latch_neither_it_nor_the_watermark_follows_one_clock_alone(
    call: Scene, clocks: Clocks, hands: Hands
) -> None:
    hands.set(MINUTE_BACK)
    assert clocks.submits() == "", "bids go on while the keyholder's clock is wrong"
    await call.deadline_in(timedelta())
    await clocks.stands_still()
    assert clocks.submits() == LATE
    assert not await clocks.latched()
    await call.database_clock(HOUR_ON)
    hands.set(0)
    assert clocks.submits() == LATE, "which sets off another attempt to close"
    await clocks.stands_still()
    assert not await clocks.latched(), "by a clock that is an hour ahead"
    hands.set(2 * HOUR_ON)
    assert clocks.submits() == LATE
    await clocks.stands_still()
    assert not await clocks.latched(), "by two clocks that differ"
    await call.database_clock(0)
    hands.set(0)
    await clocks.closed()


async def test_after_the_latch_no_clock_lets_a_bid_in(call: Scene, clocks: Clocks) -> None:
    stands = clocks.bidders[0]
    assert ask(clocks.http, stands.request(call.path, key="stands")).status_code == CREATED
    await call.deadline_in(timedelta())
    await clocks.closed()
    for wrong in WRONG:
        await call.database_clock(wrong)
        assert clocks.submits() in (LATE, BEHIND)
        gone = clocks.http.delete(call.path, headers={"authorization": f"Bearer {stands.token}"})
        assert gone.json()["type"].removeprefix("/problems/") in (LATE, BEHIND)


async def test_the_keyholder_releases_nothing_before_its_own_clock_says_so(
    call: Scene, clocks: Clocks, hands: Hands
) -> None:
    keyholder = Keyholder(hands.socket)
    assert await refusal(keyholder, call.tender) == "too-early"
    for wrong in WRONG:
        await call.database_clock(wrong)
        assert await refusal(keyholder, call.tender) == "too-early"
    await call.database_clock(0)
    hands.set(HOUR_ON)
    assert await refusal(keyholder, call.tender) == "closing-unproven", "its own clock is not enough either"
    assert not await clocks.latched(), "and no such proof comes while the clocks differ"
    hands.set(0)
    await call.deadline_in(timedelta())
    await clocks.closed()
    hands.set(MINUTE_BACK)
    assert await refusal(keyholder, call.tender) == "too-early", "closed in the database, and not yet time here"


async def test_a_keyholder_a_second_behind_or_two_holds_up_the_closing_and_nothing_else(
    call: Scene, clocks: Clocks, hands: Hands
) -> None:
    """It is asked first and the database after it: by then a second behind is more than a second.

    Fails where three seconds are let pass as none (`MOST_SKEW`) or the database is asked first; where the keyholder
    takes a time that is not its own for its own; where a bid is received at its deadline.
    """
    hands.set(SECOND_BACK)
    await clocks.through(Keyholder(hands.socket))
    for wrong in (SECOND_BACK, TWO_BACK):
        hands.set(wrong)
        assert clocks.submits() == LATE, "which sets off another attempt to close"
        await clocks.stands_still()
        assert not await clocks.latched(), wrong
    hands.set(0)
    assert clocks.submits() == LATE, "and now it closes"
    await clocks.closed()


async def test_a_keyholder_a_second_ahead_agrees_and_opens_nothing_before_its_own_time(
    call: Scene, clocks: Clocks, hands: Hands
) -> None:
    """Within a second no two clocks are told apart. Fails where the keyholder's clock closes instead of the database's,
    where its clock is not what it goes by, and where clocks that agree hold anything up."""
    hands.set(SECOND_ON)
    await clocks.through(Keyholder(hands.socket))
    await clocks.closed()
    assert clocks.submits() == LATE
    hands.set(0)
    await clocks.swept()


async def test_a_database_a_second_behind_is_still_the_one_that_says_who_is_late(
    call: Scene, clocks: Clocks, hands: Hands
) -> None:
    """Legal time is the database's: by it nobody is received late and nothing is closed early, and once it is right
    again nothing is taken back. Fails where a bid is received at its deadline, or below the watermark."""
    await clocks.swept()
    await call.database_clock(SECOND_BACK)
    assert clocks.submits() == BEHIND
    await clocks.through(Keyholder(hands.socket))
    await clocks.closed()
    await call.database_clock(0)
    assert clocks.submits() == LATE
    await clocks.swept()
