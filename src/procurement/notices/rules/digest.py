"""When digests and warnings are due. Pure: moments are UTC, hours of the day are official time."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

MONDAY = 0


def latest_due(now: datetime, often: Literal["daily", "weekly"], hour: int, zone: ZoneInfo) -> datetime:
    """The newest moment, not after `now`, at which a digest goes out: each day at that hour, or each Monday.

    The hour is the one that clocks on the wall show. Where they skip it, it comes when they would have shown it; where
    they show it twice, the first counts.
    """
    today = now.astimezone(zone).date()
    back = (today.weekday() - MONDAY) % 7 if often == "weekly" else 0
    step = timedelta(days=7 if often == "weekly" else 1)
    day = today - timedelta(days=back)
    due = _at(day, hour, zone)
    return due if due <= now else _at(day - step, hour, zone)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def warning_due(now: datetime, deadline: datetime, hours: Iterable[int]) -> int | None:
    """The nearest of the warnings whose time has come, in hours before the deadline; None before all, or too late.

    Somebody who begins late gets one warning, not all those that were missed.
    """
    if now >= deadline:
        return None
    return min((one for one in hours if deadline - timedelta(hours=one) <= now), default=None)
