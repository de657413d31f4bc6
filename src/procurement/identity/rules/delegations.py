"""Deputies: a role lent to a colleague from one day to another, with a reason. Pure.

Dates are days of the official time zone, and count by legal time: what a deputy does is dated by that clock, so that
anybody can see from the record alone whether they were one.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused, invalid

LENT = (Role.OFFICER, Role.APPROVER, Role.EVALUATOR, Role.MEMBER, Role.SIGNATORY, Role.AUDITOR, Role.TREASURER)
"""Who manages people or the installation makes somebody else an owner or administrator instead: that stays visible."""

LONGEST = timedelta(days=366)
MOST_REASON = 300  # characters


class State(StrEnum):
    OFFERED = "offered"
    COMING = "coming"
    IN_FORCE = "in-force"
    OVER = "over"


class Delegation(msgspec.Struct, frozen=True):
    """`giver` lends `deputy` the role; it counts from `starts_at` until `ends_at`, once accepted and unless ended."""

    id: str
    organisation: str
    role: Role
    giver: str
    deputy: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    offered_at: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None

    def state(self, now: datetime) -> State:
        if self.ended_at or now >= self.ends_at:
            return State.OVER
        if self.accepted_at is None:
            return State.OFFERED
        return State.COMING if now < self.starts_at else State.IN_FORCE


class DelegationOffered(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    delegation: str
    organisation: str
    role: Role
    giver: str
    deputy: str
    starts_at: datetime
    ends_at: datetime


class DelegationAccepted(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    delegation: str
    organisation: str
    role: Role
    giver: str
    deputy: str


class DelegationEnded(Fact, frozen=True, kw_only=True):
    """Before its last day, or never accepted. `ended_by` is the giver, the deputy, an owner, or "" with the role."""

    visible: ClassVar[Visible] = Visible.PARTIES
    delegation: str
    organisation: str
    role: Role
    giver: str
    deputy: str
    ended_by: str


def days(first: str, last: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the start of the first day to the end of the last. Refused("form-invalid") names what is wrong."""
    begins, ends = _day(first, "first"), _day(last, "last")
    today = now.astimezone(zone).date()
    wrong = {}
    if ends < begins:
        wrong["last"] = "The last day comes after the first."
    elif ends < today:
        wrong["last"] = "Choose a day that is not over."
    elif ends - begins > LONGEST:
        wrong["last"] = "A role is lent for a year at most."
    if wrong:
        raise invalid("Check the days.", **wrong)
    return datetime.combine(begins, time(), zone), datetime.combine(ends + timedelta(days=1), time(), zone)


def _day(typed: str, field: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise invalid("Check the days.", **{field: "Enter a day."}) from None


def reason(typed: str) -> str:
    """Why, in a line. Refused("form-invalid") when it is empty or too long."""
    text = " ".join(typed.split())
    if not text or len(text) > MOST_REASON or not text.isprintable():
        raise invalid("Say why.", reason=f"Enter a reason of 1 to {MOST_REASON} characters.")
    return text


def must_be_lendable(role: Role, own: bool) -> None:
    """Refused("form-invalid") for a role that is not the giver's own, or that is never lent."""
    if role not in LENT:
        raise invalid("This role is not lent.", role="Make a colleague an owner or administrator instead.")
    if not own:
        raise invalid("You can lend only what is yours.", role="Choose a role that you hold yourself.")


def must_be_a_deputy(giver: str, deputy: str, role: Role, colleagues: dict[str, set[Role]]) -> None:
    """Refused("form-invalid"): a deputy is a colleague of the same organisation, without this role of their own."""
    if deputy == giver or deputy not in colleagues:
        raise invalid("Choose your deputy.", deputy="Choose a colleague from the list.")
    if role in colleagues[deputy]:
        raise invalid("They need no deputising.", deputy="This colleague holds the role already.")


def accept(of: Delegation, person: str, now: datetime) -> DelegationAccepted:
    """Refused("delegation-over"), ("not-permitted", 403) for anybody but the deputy."""
    must_not_be_over(of, now)
    if of.deputy != person:
        raise Refused("not-permitted", "Only the deputy can accept this.", status=403)
    return DelegationAccepted(
        delegation=of.id, organisation=of.organisation, role=of.role, giver=of.giver, deputy=of.deputy
    )


def end(of: Delegation, person: str, now: datetime) -> DelegationEnded:
    """Refused("delegation-over") when it is over already."""
    must_not_be_over(of, now)
    return DelegationEnded(
        delegation=of.id,
        organisation=of.organisation,
        role=of.role,
        giver=of.giver,
        deputy=of.deputy,
        ended_by=person,
    )


def must_not_be_over(of: Delegation, now: datetime) -> None:
    if of.state(now) is State.OVER:
        raise Refused("delegation-over", "This is over already. Nothing was changed.")
