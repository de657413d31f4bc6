"""The days that a search asks about, as people name them."""

from datetime import date, datetime, time, timedelta, tzinfo

PERIODS = ("30-days", "this-year", "last-year")
EARLIEST, LATEST = 1900, 2200  # years


def day_of(text: str) -> date | None:
    """A day as it was typed, like 2026-03-31; None for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day.year <= LATEST else None


def days_of(period: str, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of a period; None where it has no such end."""
    if period == "30-days":
        return today - timedelta(days=29), None
    if period == "this-year":
        return date(today.year, 1, 1), None
    if period == "last-year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    return None, None


def moments(first: date | None, last: date | None, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day, and up to, but without, the end of the last."""
    begins = datetime.combine(first, time(), zone) if first else None
    ends = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
    return begins, ends
