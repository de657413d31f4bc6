"""Clocks that are wrong by a minute back, a second back, an hour forward: the database's, or the keyholder's.

Everything fails closed. Nothing gets in late, or by a clock that was set back; nothing is latched by one clock alone;
nothing is opened before the keyholder's own clock says so.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest
from hearing import CREATED
from rushing import Bidder, gather
from scene import Scene
from sending import ask
from wrong_clocks import Hands

from procurement.infra.keyholder import Keyholder
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import Evidence, Opening

pytestmark = pytest.mark.anyio

MINUTE_BACK, SECOND_BACK, HOUR_ON = -60.0, -1.0, 3600.0
WRONG = (MINUTE_BACK, SECOND_BACK, HOUR_ON)
SWEEPS = 2.2  # seconds, and a little more: two sweeps
BEGUN = timedelta(seconds=1)
AHEAD = timedelta(minutes=30)  # the deadline
RIGHT_AGAIN = 40.0  # seconds after which the sweep, which waits longer after failures, has closed what is due
CLOSED, LATE, BEHIND = "closed", "bid-late", "clock-behind"
RIGHT = """
    SELECT clock_timestamp() + coalesce((SELECT offset_by FROM sandbox_clock ORDER BY id DESC LIMIT 1), interval '0')
"""
WATERMARK = "SELECT at FROM clock_watermark"
LATCH = "SELECT closed_at FROM tender WHERE id = $1"
NOTHING = Evidence(record="{}", salt="0" * 64, index=0, proof=(), checkpoint="")


class Clocks:
    """Bidders who try one after the other, and what the sweep has noted."""

    def __init__(self, call: Scene, bidders: list[Bidder], http: httpx.Client) -> None:
        self.call, self.bidders, self.http = call, bidders, http

    def submits(self) -> str:
        """What the next bidder is told: the code of the refusal, "" for a receipt."""
        answer = ask(self.http, self.bidders.pop().request(self.call.path, key="one"))
        return "" if answer.status_code == CREATED else answer.json()["type"].removeprefix("/problems/")

    async def watermark(self) -> datetime:
        at: datetime = await self.call.owner.fetchval(WATERMARK)
        return at

    async def swept(self) -> None:
        """Until the sweep has just noted the time."""
        before, until = await self.watermark(), time.monotonic() + RIGHT_AGAIN
        while await self.watermark() == before:
            assert time.monotonic() < until, "the watermark stands"
            await asyncio.sleep(0.02)

    async def stands_still(self) -> None:
        """Two sweeps come and go, and the watermark does not follow; one that had begun before may still end."""
        began = await self.call.owner.fetchval(RIGHT)
        await asyncio.sleep(SWEEPS)
        assert await self.watermark() < began + BEGUN

    async def latched(self) -> bool:
        return await self.call.owner.fetchval(LATCH, self.call.tender) is not None

    async def closed(self) -> None:
        until = time.monotonic() + RIGHT_AGAIN
        while not await self.latched():
            assert time.monotonic() < until, "bidding was never closed"
            await asyncio.sleep(0.1)


@pytest.fixture
async def clocks(call: Scene, hands: Hands) -> AsyncIterator[Clocks]:
    await call.publish()
    await call.deadline_in(AHEAD)
    deadline, _ = await call.standing()
    await told(Keyholder(hands.socket), deadline - AHEAD)
    bidders = await gather(call.owner, call.up.data, call.tender, 12)
    with httpx.Client(base_url=call.address, timeout=30) as http:
        yield Clocks(call, bidders, http)


async def told(keyholder: Keyholder, time_there: datetime) -> None:
    """Until the worker has told the keyholder that legal time was moved."""
    async with asyncio.timeout(RIGHT_AGAIN):
        while (await keyholder.clocks()).legal < time_there:  # noqa: ASYNC110  # only the keyholder knows
            await asyncio.sleep(0.05)


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
    await clocks.stands_still()
    assert not await clocks.latched(), "by a clock that is an hour ahead"
    hands.set(2 * HOUR_ON)
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


async def refusal(keyholder: Keyholder, tender: str) -> str:
    """Why it does not release the bids of a tender for whoever has no proof; the time is asked for first."""
    with pytest.raises(Refused) as no:
        await keyholder.release(Opening(tender), NOTHING, ())
    return no.value.code
