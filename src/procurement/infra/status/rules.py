"""What the measurements say: the state of a part now, and what a day was like."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec

DAYS = 90  # shown, today included
FRESH = timedelta(minutes=5)  # an older measurement says nothing about now
GOOD_DAY, FAIR_DAY = 0.999, 0.97  # of the measurements; below is a bad day


class Component(StrEnum):
    """The parts of the service as visitors know them."""

    PAGES = "pages"
    SUBMISSION = "submission"
    LEDGER = "ledger"
    OPENING = "opening"
    SEARCH = "search"
    MAIL = "mail"


class State(StrEnum):
    """`UNKNOWN`: nobody has measured it lately."""

    WORKS = "works"
    DISTURBED = "disturbed"
    DOWN = "down"
    UNKNOWN = "unknown"


class Seen(msgspec.Struct, frozen=True):
    """What one observer counted on one day, and what it saw last."""

    component: Component
    source: str
    day: date
    good: int
    bad: int
    last_at: datetime
    last_good: bool


class Day(msgspec.Struct, frozen=True):
    """`share` is the part of the measurements that were good; null when there were none."""

    day: date
    state: State
    share: float | None


class Part(msgspec.Struct, frozen=True):
    """One part of the service: now, and day by day, the oldest first. `share` is over all those days."""

    component: Component
    state: State
    share: float | None
    days: tuple[Day, ...]


def parts(seen: Iterable[Seen], now: datetime) -> tuple[Part, ...]:
    """Every part, in the order of Component."""
    everything = list(seen)
    return tuple(_part(one, [row for row in everything if row.component is one], now) for one in Component)


def state_now(rows: Iterable[Seen], now: datetime) -> State:
    """All observers see it work: it works. None does: it is down. They differ: it is disturbed."""
    fresh = [row.last_good for row in rows if timedelta() <= now - row.last_at <= FRESH]
    if not fresh:
        return State.UNKNOWN
    return State.WORKS if all(fresh) else State.DISTURBED if any(fresh) else State.DOWN


def _part(component: Component, rows: list[Seen], now: datetime) -> Part:
    today = now.date()
    by_day: dict[date, list[Seen]] = {}
    for row in rows:
        by_day.setdefault(row.day, []).append(row)
    days = tuple(_day(today - timedelta(days=ago), by_day) for ago in range(DAYS - 1, -1, -1))
    newest = {row.source: row for row in sorted(rows, key=lambda row: row.last_at)}
    return Part(component, state_now(newest.values(), now), _share(rows), days)


def _day(day: date, by_day: Mapping[date, list[Seen]]) -> Day:
    share = _share(by_day.get(day, []))
    if share is None:
        return Day(day, State.UNKNOWN, None)
    return Day(day, State.WORKS if share >= GOOD_DAY else State.DISTURBED if share >= FAIR_DAY else State.DOWN, share)


def _share(rows: Iterable[Seen]) -> float | None:
    good, bad = (sum(column) for column in zip(*((row.good, row.bad) for row in rows), strict=True)) if rows else (0, 0)
    return good / (good + bad) if good + bad else None
