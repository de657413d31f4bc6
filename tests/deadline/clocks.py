"""A tender whose deadline comes while clocks are wrong, and what there is to see of it."""

import asyncio
import time
from datetime import datetime, timedelta

import httpx
import pytest
from hearing import CREATED
from rushing import Bidder
from scene import Scene
from sending import ask

from procurement.infra.keyholder import Keyholder
from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import Evidence, Opening

SWEEPS = 2.2  # seconds, and a little more: two sweeps
BEGUN = timedelta(seconds=1)
PASSING = timedelta(seconds=2)  # how long before the moment the looking begins
LOOK = 0.25  # seconds between two looks
RIGHT_AGAIN = 40.0  # seconds after which the sweep, which waits longer after failures, has closed what is due
LATE, BEHIND, EARLY = "bid-late", "clock-behind", "too-early"
LEGAL = "SELECT legal_now()"
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

    async def latched(self) -> datetime | None:
        """When it was closed, by legal time."""
        at: datetime | None = await self.call.owner.fetchval(LATCH, self.call.tender)
        return at

    async def closed(self) -> None:
        """Until bidding is closed, which it never is before the deadline."""
        until = time.monotonic() + RIGHT_AGAIN
        while not (at := await self.latched()):
            assert time.monotonic() < until, "bidding was never closed"
            await asyncio.sleep(0.1)
        assert at >= (await self.call.standing())[0]

    async def through(self, keyholder: Keyholder) -> None:
        """The deadline comes, which is the opening time too. Bidders try, and so does whoever would open bids, until
        the one is late and for the other it is no longer too early: each answer is right by the clock of who gave it.
        """
        until, told, opened = time.monotonic() + RIGHT_AGAIN, "", EARLY
        await self.call.deadline_in(PASSING)
        while told != LATE or opened == EARLY:
            assert time.monotonic() < until, "the moment never came"
            told = await self._tried() if told != LATE else told
            opened = await self._asked(keyholder)
            await asyncio.sleep(LOOK)

    async def _tried(self) -> str:
        """What the next bidder is told, which has to be right by the database's clock."""
        deadline, _ = await self.call.standing()
        before, told = await self.call.owner.fetchval(LEGAL), self.submits()
        after = await self.call.owner.fetchval(LEGAL)
        assert told in ("", LATE, BEHIND)
        assert before < deadline if told == "" else after >= deadline or told == BEHIND
        return told

    async def _asked(self, keyholder: Keyholder) -> str:
        """Why nothing is released, which has to be right by the keyholder's own clock."""
        bound, _ = await self.call.standing()
        before, told = (await keyholder.clocks()).legal, await refusal(keyholder, self.call.tender)
        after = (await keyholder.clocks()).legal
        assert before < bound if told == EARLY else after >= bound
        return told


async def told(keyholder: Keyholder, time_there: datetime) -> None:
    """Until the worker has told the keyholder that legal time was moved."""
    async with asyncio.timeout(RIGHT_AGAIN):
        while (await keyholder.clocks()).legal < time_there:  # noqa: ASYNC110  # only the keyholder knows
            await asyncio.sleep(0.05)


async def refusal(keyholder: Keyholder, tender: str) -> str:
    """Why it does not release the bids of a tender for whoever has no proof; the time is asked for first."""
    with pytest.raises(Refused) as no:
        await keyholder.release(Opening(tender), NOTHING, ())
    return no.value.code
