"""A deadline as it is: many bidders, a tenth of them in the last second, and some just after it.

BIDDERS and LAST say how many (`make deadline` gives 10,000 and 1,000). What follows the deadline is asked too: whoever
repeats a submission gets the very same receipt, and nobody can put another bid in its place.
"""

import os
import random
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

import httpx
import pytest
from hearing import CREATED, LATE, Told
from rushing import Bidder, gather
from scene import Scene
from sending import Answer, Due, ask, send, tool

pytestmark = pytest.mark.anyio

BIDDERS = int(os.environ.get("BIDDERS", "200"))
LAST = int(os.environ.get("LAST", "50"))  # of them in the last second, and a tenth as many in the second after it
EARLIER = 100.0  # a second, before, for at least
LEAST = 1.5  # seconds
AHEAD = 3.0  # seconds until the sender is ready
SLOWEST = float(os.environ.get("P99", "60"))  # seconds that 99 of 100 may wait for their answer
AGAIN = max(20, BIDDERS // 50)  # submissions that are repeated after the deadline


@pytest.mark.timeout(120 + BIDDERS // 10)
async def test_a_deadline_is_kept_and_nothing_acknowledged_is_lost(call: Scene, tmp_path: Path) -> None:
    await call.publish()
    began = time.monotonic()
    gathered = await gather(call.owner, call.up.data, call.tender, BIDDERS)
    bidders = {f"bid-{number:06}": one for number, one in enumerate(gathered)}
    print(f"{BIDDERS} bidders have sealed and stored their bids after {time.monotonic() - began:.0f} s")
    requests = {name: one.request(call.path, key=name) for name, one in bidders.items()}
    span = max(LEAST, (BIDDERS - LAST) / EARLIER)
    legal, _ = await call.standing()
    deadline = await call.deadline_in(timedelta(seconds=AHEAD + span + 1))
    due = [Due(at, name, requests[name]) for at, name in zip(moments(deadline, span), requests, strict=True)]
    answers = send(call.address, due, tmp_path / "sent")
    told = Told(bidders, answers, deadline, legal)
    for found in await told.check(call.address, call.owner, call.tender):
        print(f"  ok  {found}")
    print(f"  ok  {after_the_deadline(call, bidders, told)}")
    slow = waits(due, answers, deadline)
    print(f"sent by {tool()}; seconds until the answer: {slow}")
    assert slow["p99"] < SLOWEST


def moments(deadline: float, span: float) -> list[float]:
    """When each bidder submits."""
    after = LAST // 10
    last = [deadline - random.random() for _ in range(LAST)] + [deadline + random.random() for _ in range(after)]
    earlier = [deadline - 1 - random.random() * span for _ in range(BIDDERS - LAST - after)]
    return sorted(earlier + last)


def waits(due: list[Due], answers: Mapping[str, Answer], deadline: float) -> dict[str, float]:
    """From the moment of the plan to the answer, of those in the last second and after; how late the sender was."""
    last = [one for one in due if one.at >= deadline - 1]
    waited = [answers[one.name].answered - one.at for one in last]
    ordered = quantiles(waited, n=100)
    behind = max(answers[one.name].sent - one.at for one in due)
    figures = {"p50": ordered[49], "p99": ordered[98], "slowest": max(waited), "sender behind by": behind}
    return {name: round(seconds, 3) for name, seconds in figures.items()}


def after_the_deadline(call: Scene, bidders: Mapping[str, Bidder], told: Told) -> str:
    """Whoever asks again is told the very same; another bid is refused, under the same key and under a new one."""
    names = random.sample(sorted(told.accepted), min(AGAIN, len(told.accepted)))
    with httpx.Client(base_url=call.address, timeout=60) as http:
        for name in names:
            one = bidders[name]
            again = ask(http, one.request(call.path, key=name))
            assert (again.status_code, again.text) == (CREATED, told.answers[name].body)
            other = ask(http, one.request(call.path, key=name, client="another"))
            assert (other.status_code, other.json()["type"]) == (409, "/problems/idempotency-key-reused")
            new = ask(http, one.request(call.path, key="new", version=2, client="another"))
            assert new.json()["type"] == LATE
    return f"{len(names)} repeated submissions got the same bytes, another bid under their key was refused"
