"""The moments of a tender, computed by its rulebook from the deadline alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from procurement.kernel.refusal import Refused, invalid
from procurement.rulebooks.rules import Rulebook

LATEST = timedelta(days=2 * 365)  # after publication: the keyholder binds nothing much farther


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
    """Refused("deadline-too-early", 422) names the earliest that is allowed, ("deadline-too-late", 422) the latest."""
    latest = published + LATEST
    if deadline > latest:
        local = latest.astimezone(rulebook.zone)
        raise Refused(
            "deadline-too-late",
            "Bids can be kept sealed for two years at most. Choose an earlier deadline.",
            status=422,
            fields={"deadline": f"The latest deadline is {local:%d %B %Y, %H:%M}."},
        )
    earliest = earliest_deadline(rulebook, published)
    if deadline < earliest:
        local = earliest.astimezone(rulebook.zone)
        raise Refused(
            "deadline-too-early",
            f"Published now, the tender must stay open until {local:%d %B %Y, %H:%M} at least "
            f"({rulebook.periods.bidding.source}: {rulebook.periods.bidding.note or 'minimum period for bids'}) "
            "Choose a later deadline.",
            status=422,
            fields={"deadline": f"The earliest deadline is {local:%d %B %Y, %H:%M}."},
        )


def official_moment(zone: ZoneInfo, typed: str) -> datetime:
    """The UTC moment of an official date and time as a form sends it ("2026-11-30T21:00").

    Refused("form-invalid") for the field `deadline` when it is none, or when daylight saving leaves that hour out.
    """
    try:
        moment = datetime.strptime(typed, "%Y-%m-%dT%H:%M")
    except ValueError:
        raise invalid("That is not a date and time.", deadline="Choose a date and a time.") from None
    local = moment.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise invalid(
            "That is not a time.", deadline="Clocks are put forward over this hour: it does not exist that day."
        )
    return local.astimezone(UTC)
