"""An opening that waits for people is looked at ever more rarely, and at once when they brought something."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from doubling import bidders, kit, lost_bid
from opening_day import Day
from sqlalchemy import event

from procurement.opening import jobs, service
from procurement.opening.service.pace import LONGEST, Pace

if TYPE_CHECKING:
    from conftest import Advance

pytestmark = pytest.mark.anyio


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@contextmanager
def statements(day: Day) -> Iterator[list[str]]:
    seen = list[str]()

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    engine = day.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def asked(day: Day, pace: Pace) -> int:
    """How many statements one sweep costs."""
    with statements(day) as seen:
        await jobs.sweep(day.database, day.keyholder, day.files, pace)
    return len(seen)


def test_the_pause_grows_to_a_bound_and_begins_anew_with_what_comes() -> None:
    clock = Clock()
    pace, looks = Pace(clock), list[float]()
    while clock.at < 400:
        for one in pace.due({"a": (1,)}):
            looks.append(clock.at)
            pace.waited(one, (1,))
        clock.at += 1
    pauses = [later - sooner for sooner, later in pairwise(looks)]
    assert pauses[:4] == [1, 2, 4, 8] and pauses[-1] == LONGEST
    assert pace.due({"a": (2,)}) == ["a"], "something was brought"
    pace.waited("a", (2,))
    assert pace.due({"a": (2,)}) == []
    pace.hindered("a")
    assert pace.due({"a": (2,)}) == ["a"], "what is our fault is tried again at once"


async def test_who_waits_for_key_holders_costs_little_and_a_share_is_seen_at_once(
    double: Day, advance: "Advance"
) -> None:
    await bidders(double, "Adler Strassenbau")
    await double.close_bidding(advance)
    await double.request(double.town.olga)
    await double.confirm(double.town.pia)
    pace = Pace(Clock())
    for _ in range(3):
        await jobs.sweep(double.database, double.keyholder, double.files, pace)
    resting = await asked(double, pace)
    assert resting < await asked(double, Pace()) / 2
    await double.give(double.holders[0])
    assert await asked(double, pace) > resting
    await double.give(double.holders[1])
    await jobs.sweep(double.database, double.keyholder, double.files, pace)
    assert [one.valid for one in await double.opened()] == [True]


async def test_a_kit_is_seen_at_once(double: Day, advance: "Advance") -> None:
    who, bid, digest = await lost_bid(double, advance)
    pace = Pace(Clock())
    for _ in range(3):
        await jobs.sweep(double.database, double.keyholder, double.files, pace)
    async with double.database.begin(who) as tx:
        await service.give_kit(tx, double.tender_id, kit(double, who, bid, digest))
    await jobs.sweep(double.database, double.keyholder, double.files, pace)
    assert [one.valid for one in await double.opened()] == [True]
