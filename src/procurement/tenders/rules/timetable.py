"""The moments of a tender, computed by its rulebook from the deadline alone."""

from datetime import UTC, date, datetime, time

import msgspec

from procurement.kernel.refusal import Refused, invalid
from procurement.rulebooks.rules import Rulebook


class Timetable(msgspec.Struct, frozen=True):
    """Until when questions are taken and answered, bids are taken, and from when they are opened; all UTC."""

    question_deadline: datetime
    answer_deadline: datetime
    deadline: datetime
    opening_at: datetime


def timetable(rulebook: Rulebook, deadline: datetime) -> Timetable:
    """What follows from a deadline."""
    periods = rulebook.periods
    return Timetable(
        question_deadline=rulebook.after(deadline, periods.question),
        answer_deadline=rulebook.after(deadline, periods.answer),
        deadline=deadline,
        opening_at=rulebook.after(deadline, periods.opening),
    )


def earliest_deadline(rulebook: Rulebook, published: datetime) -> datetime:
    """The first moment that leaves bidders the least time the rulebook grants, if published at that moment."""
    return rulebook.after(published, rulebook.periods.bidding)


def must_leave_time(rulebook: Rulebook, deadline: datetime, published: datetime) -> None:
    """Refused("deadline-too-early") names the earliest that is allowed."""
    earliest = earliest_deadline(rulebook, published)
    if deadline < earliest:
        local = earliest.astimezone(rulebook.zone)
        raise Refused(
            "deadline-too-early",
            f"Published now, the tender must stay open until {local:%d %B %Y, %H:%M} at least "
            f"({rulebook.periods.bidding.source}: {rulebook.periods.bidding.note or 'minimum period for bids'}) "
            "Choose a later deadline.",
            status=422,
            fields={"date": f"The earliest deadline is {local:%d %B %Y, %H:%M}."},
        )


def official_moment(rulebook: Rulebook, day: str, clock: str) -> datetime:
    """The UTC moment of an official local date ("2026-11-30") and time ("21:00") as typed.

    Refused("form-invalid") when one is no date or time, or when daylight saving leaves that hour out.
    """
    fields = {}
    try:
        at = date.fromisoformat(day)
    except ValueError:
        fields["date"] = "Write the date like 2026-11-30."
    try:
        moment = time.fromisoformat(clock)
    except ValueError:
        moment = time(tzinfo=UTC)
    if moment.tzinfo is not None or moment.second or moment.microsecond:
        fields["time"] = "Write the time like 21:00."
    if fields:
        raise invalid("That is not a date and time.", **fields)
    local = datetime.combine(at, moment, rulebook.zone)
    if local.astimezone(UTC).astimezone(rulebook.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise invalid("That is not a time.", time="Clocks are put forward over this hour: it does not exist that day.")
    return local.astimezone(UTC)
