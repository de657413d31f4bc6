"""A later deadline, approved by a second person while bidders submit: neither lets the other in late, or wait for long.

RACES says how many (`make deadline` gives 1,000).
"""

import asyncio
import os
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from pushing import Pushing
from racing import LATER, REASON, Races, Run, received
from scene import Scene

from procurement.tour.cast import APPROVER, OFFICER

pytestmark = pytest.mark.anyio

RACES = int(os.environ.get("RACES", "50"))
LOST = 10  # of so many races the extension loses one, and the tender is over: about
EXTENSIONS = 3
BOUND = 5.0  # seconds that an extension may wait; behind plain row locks it waited for 32
MOMENT = "%Y-%m-%d %H:%M:%S.%f"


@pytest.mark.timeout(120 + 3 * RACES)
async def test_whoever_wins_a_race_against_a_later_deadline_nobody_is_late_by_the_one_that_applied(call: Scene) -> None:
    races, outcomes = Races(call), Counter[str]()
    await call.publish(1 + RACES // LOST)
    await races.enter()
    for number in range(RACES):
        run = await races.run()
        hold(run)
        outcomes[f"{'extended' if run.extended else 'too late to extend'}, bid {run.code or 'received'}"] += 1
        if not run.extended and number + 1 < RACES:
            races.bids_stand()
            if not await call.next():
                await call.publish(1 + (RACES - number) // LOST)
            await races.enter()
    races.bids_stand()
    print(f"{RACES} races: {dict(outcomes)}; {races.receipts_stand()} receipts stand")
    races.http.close()


def hold(run: Run) -> None:
    """What was promised, whoever was first."""
    assert run.after == (run.before + LATER if run.extended else run.before)
    if not run.code:
        said = received(run.answer)
        applied = datetime.fromisoformat(said.deadline_applied)
        assert applied == run.before, "sealed for a revision that was over"
        assert datetime.fromisoformat(said.received_at) < applied
    elif run.extended:
        assert run.code == "revision-changed", "late by a deadline that had been moved"
    else:
        assert run.code == "bid-late"
        assert f"the deadline was {run.before:{MOMENT}} UTC" in run.answer.json()["detail"]


async def test_an_extension_does_not_wait_for_those_who_submit(call: Scene) -> None:
    await call.publish()
    deadline, _ = await call.standing()
    officer, approver = call.tour.program(OFFICER), call.tour.program(APPROVER)
    waited = []
    with await Pushing.at(call) as bidders:
        for _ in range(EXTENSIONS):
            await asyncio.sleep(0.5)
            deadline += timedelta(hours=1)
            officer.tenders.extend(call.tender, deadline, REASON)
            began = time.monotonic()
            approver.tenders.approve_extension(call.tender)
            waited.append(round(time.monotonic() - began, 3))
        await asyncio.sleep(0.5)
    assert not bidders.failures, bidders.failures
    print(f"{bidders.received} bids of 16 bidders were received meanwhile, {bidders.resealed} were sealed anew; "
          f"extensions took {waited} s")  # fmt: skip
    assert max(waited) < BOUND
    assert bidders.received and bidders.resealed
