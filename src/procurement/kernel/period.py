"""Time as the law counts it: half-open intervals, working days, and moments found by counting days.

Every interval is half-open: a period that runs "until the end of 6 April" ends at 00:00 on 7 April, and that moment is
already outside. Days are those of the official time zone; moments are returned in UTC.
"""

import calendar as gregorian
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from procurement.kernel.refusal import Refused

DAY = timedelta(days=1)
Unit = Literal["calendar-days", "working-days", "months"]
Roll = Literal["none", "next-working-day", "previous-working-day"]
Ends = Literal["end-of-day", "start-of-day", "same-time"]


class Interval(msgspec.Struct, frozen=True):
    """From `start`, which is inside, to `end`, which is not."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


class Calendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which days are working days. `weekend` in ISO numbers (Monday is 1); `yearly` as "12-25"; `holidays` once each.

    Holidays that move are listed year by year, so a calendar knows them `until` a day and refuses to count beyond.
    """

    weekend: frozenset[int]
    yearly: frozenset[str] = frozenset()
    holidays: frozenset[date] = frozenset()
    until: date | None = None

    def is_working(self, day: date) -> bool:
        """Refused("calendar-ends") for a day after `until`: counting on would be guessing."""
        if self.until is not None and day > self.until:
            raise Refused(
                "calendar-ends",
                f"The official calendar lists holidays until {self.until:%d %B %Y} only. "
                "An administrator has to activate a rulebook with a longer one.",
            )
        return not (day.isoweekday() in self.weekend or f"{day:%m-%d}" in self.yearly or day in self.holidays)


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a period is counted from its event. `length` of 0 means the event's own day.

    `backwards` counts towards the past ("six days before the deadline"). `roll` moves a last day that is no working
    day. `least_working_days` lengthens a period until it holds so many (Regulation 1182/71, article 3(5)). `ends` says
    where in the last day the moment lies.
    """

    length: int
    unit: Unit = "calendar-days"
    first_day_counts: bool = False
    backwards: bool = False
    roll: Roll = "none"
    least_working_days: int = 0
    ends: Ends = "end-of-day"

    def __post_init__(self) -> None:
        if self.length < (1 if self.first_day_counts else 0):
            raise ValueError("a period that counts its first day has at least one day")
        if self.backwards and self.least_working_days:
            raise ValueError("only a period that runs forwards can be lengthened")


def count(event: datetime, period: Count, calendar: Calendar, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a period that starts with `event` ends (or, backwards, from which it runs)."""
    local = event.astimezone(zone)
    last = last_day(local.date(), period, calendar)
    if period.ends == "same-time":
        moment = datetime.combine(last, local.time(), zone)
    else:
        moment = datetime.combine(last + DAY if period.ends == "end-of-day" else last, time(), zone)
    return moment.astimezone(UTC)


def last_day(event: date, period: Count, calendar: Calendar) -> date:
    """The last day of a period whose event falls on the day `event`."""
    last = _counted_to(event, period, calendar)
    last = _rolled(last, period.roll, calendar)
    first = event if period.first_day_counts else event + DAY
    missing = period.least_working_days - sum(calendar.is_working(day) for day in _days(first, last))
    return _working_day(last, missing, DAY, calendar) if missing > 0 else last


def _counted_to(event: date, period: Count, calendar: Calendar) -> date:
    step = -DAY if period.backwards else DAY
    before = event - step if period.first_day_counts else event
    if period.unit == "months":
        return add_months(event, -period.length if period.backwards else period.length) + (before - event)
    if period.unit == "calendar-days":
        return before + period.length * step
    return _working_day(before, period.length, step, calendar)


def _working_day(day: date, number: int, step: timedelta, calendar: Calendar) -> date:
    """The `number`th working day after `day` (before it, when `step` is negative)."""
    while number > 0:
        day += step
        number -= calendar.is_working(day)
    return day


def _rolled(day: date, roll: Roll, calendar: Calendar) -> date:
    if roll != "none" and not calendar.is_working(day):
        return _working_day(day, 1, DAY if roll == "next-working-day" else -DAY, calendar)
    return day


def add_months(day: date, months: int) -> date:
    """The same date in another month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, gregorian.monthrange(year, month + 1)[1]))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY
