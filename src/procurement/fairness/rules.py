"""When an outage before a deadline is worth a decision, and what the record says of it.

UNCITRAL Model Law article 14(5): the deadline may be extended where suppliers could not present tenders in time owing
to circumstances beyond their control. Nothing moves by itself: an officer proposes, an approver agrees, as ever.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from procurement.kernel.fact import Fact
from procurement.kernel.outage import Outage, Span, length, spans, without
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import Rulebook

PARTS = ("pages", "submission")  # of the service, as its status page knows them: without these nobody can bid
LONGEST = timedelta(hours=168)  # before a deadline that any rulebook looks at
MINUTE = timedelta(minutes=1)
MOST_REASON = 2000  # characters
MOST_EVIDENCE = 100  # outages kept with a proposal and shown: the newest


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """After `minutes` of outage before `deadline`, about which nobody had decided yet, it is worth deciding on `later`.
    `evidence` is what was known of it then, in official time: the newest. `taken` is None until somebody decided;
    `reason` is theirs."""

    tender: str
    deadline: datetime
    later: datetime
    minutes: int
    evidence: tuple[Outage, ...]
    proposed_at: datetime
    taken: bool | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


class LaterDeadlineProposed(Fact, frozen=True, kw_only=True):
    """The service was away for `minutes` shortly before a deadline: its buyer has to decide whether to move it."""

    tender: str
    deadline: datetime
    later: datetime
    minutes: int


class LaterDeadlineDecided(Fact, frozen=True, kw_only=True):
    """The buyer took up the proposal, which a second person still has to approve; or left the deadline, and why."""

    tender: str
    deadline: datetime
    taken: bool
    reason: str
    decided_by: str


def looked_at(rulebook: Rulebook, deadline: datetime) -> datetime | None:
    """From when on outages before a deadline count. None where the rulebook proposes nothing."""
    return deadline - timedelta(hours=rulebook.outages.within_hours) if rulebook.outages else None


def proposal(
    rulebook: Rulebook, tender: str, deadline: datetime, outages: Iterable[Outage], now: datetime,
    weighed: Sequence[Span] = (),
) -> Proposal | None:  # fmt: skip
    """What is proposed, if so much of the `outages` lies in the time before the deadline that is looked at, and was not
    `weighed` in an earlier decision."""
    since, later, until = looked_at(rulebook, deadline), rulebook.after_outage(deadline), min(now, deadline)
    if rulebook.outages is None or since is None or later is None:
        return None
    near = [part for part in (one.within(since, until) for one in outages) if part]
    minutes = length(without(spans(near, until), weighed)) // MINUTE
    if minutes < rulebook.outages.least_minutes:
        return None
    fresh = [one for one in near if without([(one.began_at, one.ended_at or until)], weighed)]
    return Proposal(
        tender=tender,
        deadline=deadline,
        later=later,
        minutes=minutes,
        evidence=tuple(fresh[-MOST_EVIDENCE:]),
        proposed_at=now,
    )


def must_wait(found: Proposal | None, deadline: datetime | None) -> Proposal:
    """Refused("no-proposal", 404), ("proposal-decided"), ("deadline-moved") for one about another deadline."""
    if found is None:
        raise Refused("no-proposal", "No outage before this deadline waits for a decision.", status=404)
    if found.taken is not None:
        raise Refused("proposal-decided", "This was decided already.")
    if found.deadline != deadline:
        raise Refused("deadline-moved", "The deadline has been moved since. There is nothing left to decide.")
    return found
