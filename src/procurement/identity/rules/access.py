"""Reviews of access: every few months somebody looks at who may do what, and keeps or ends each. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from procurement.identity.rules.delegations import Delegation
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.period import add_months
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused, invalid

SOON = timedelta(days=14)  # before it is due the review stands on the desk


class Holding(msgspec.Struct, frozen=True):
    """One role of one person; `id` is that of the membership."""

    id: str
    role: Role
    since: datetime


class Access(msgspec.Struct, frozen=True):
    """What one person can do here, and how they prove who they are. `tokens` are the labels of those for this
    organisation that still work; `last_seen` is their last use of the service that is still known."""

    person: str
    name: str
    email: str
    holdings: tuple[Holding, ...]
    last_seen: datetime | None
    app: bool
    passkeys: int
    tokens: tuple[str, ...]


class Review(msgspec.Struct, frozen=True):
    """Where the reviews of an organisation stand; `last` is None before the first."""

    organisation: str
    name: str
    last: datetime | None
    due: datetime

    def is_due(self, now: datetime) -> bool:
        return now >= self.due - SOON

    def is_overdue(self, now: datetime) -> bool:
        return now >= self.due


class AccessReviewed(Fact, frozen=True, kw_only=True):
    """Somebody looked at every role and every deputy: so many were confirmed, so many ended."""

    visible: ClassVar[Visible] = Visible.PARTIES
    organisation: str
    reviewed_by: str
    confirmed: int
    ended: int


def due(last: datetime, months: int) -> datetime:
    """The same time of that day, so many months later."""
    later = add_months(last.date(), months)
    return last.replace(year=later.year, month=later.month, day=later.day)


def review(
    organisation: str, person: str, access: Collection[Access], lent: Collection[Delegation], seen: Collection[str],
    ended: Collection[str],
) -> AccessReviewed:  # fmt: skip
    """`seen` are the ids of what the reviewer had before them, `ended` those they end.

    Refused("review-outdated") when something was added or ended meanwhile; ("form-invalid") for an id not among them.
    """
    there = {holding.id for one in access for holding in one.holdings} | {one.id for one in lent}
    if set(seen) != there:
        raise Refused(
            "review-outdated", "Roles changed while you looked. Nothing was saved: look at the list as it is now."
        )
    if not set(ended) <= there:
        raise invalid("Choose from the list.", ended="Choose what ends from the list.")
    return AccessReviewed(
        organisation=organisation, reviewed_by=person, confirmed=len(there - set(ended)), ended=len(set(ended))
    )
