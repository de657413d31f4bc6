"""A whole rulebook: read strictly from its file, and how it counts a period. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from procurement.kernel.canonical import sha256_hex
from procurement.kernel.money import Money
from procurement.kernel.period import Calendar, count
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules.parts import (
    AbnormallyLow,
    Approvals,
    AwardMethod,
    ChallengeFee,
    Data,
    Deposit,
    Event,
    Opening,
    Outages,
    Period,
    Periods,
    Procedure,
    Seal,
)

ENVELOPES = (("single",), ("technical", "financial"))
PREFIX = 12  # hexadecimal characters of the hash that an id carries
FEWEST, MOST_MEMBERS = 2, 15  # of the key holders who open together, and of all of them


class Rulebook(Data, frozen=True, kw_only=True):
    """The rules of one jurisdiction. `id` and `sha256` come from the bytes of the file, not from its words."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    version: Annotated[int, msgspec.Meta(ge=1)]
    title: str
    basis: str
    in_force: date
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
    languages: tuple[str, ...]
    time_zone: str
    calendar: Calendar
    periods: Periods
    procedures: dict[str, Procedure]
    approvals: Approvals
    seals: tuple[Seal, ...]
    opening: Opening
    award_methods: dict[str, AwardMethod]
    abnormally_low: AbnormallyLow
    deposit: Deposit | None = None  # None: no tender may ask one
    challenge_fee: ChallengeFee | None = None  # None: a challenge costs nothing
    outages: Outages | None = None  # None: nothing is proposed, whatever was away
    id: str = ""
    sha256: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def seal(self, value: Money) -> Seal:
        """What is asked of a tender of that value, at least."""
        return next(seal for seal in self.seals if seal.up_to is None or value.decimal() <= seal.up_to)

    def seal_level(self, value: Money) -> str:
        """The lowest level allowed for a tender of that value."""
        return self.seal(value).level

    def after_outage(self, deadline: datetime) -> datetime | None:
        """The deadline that an outage before this one makes worth deciding on, in UTC; None without a rule."""
        return count(deadline, self.outages.extension, self.calendar, self.zone) if self.outages else None

    def after(self, event: datetime, period: Period) -> datetime:
        """When a period of this rulebook ends (backwards: from when it runs), in UTC."""
        return add_period(event, period, self.calendar, self.zone)


def add_period(start: datetime, period: Period, calendar: Calendar, tz: ZoneInfo) -> datetime:
    """The moment, in UTC, at which `period` ends when its event happens at `start`."""
    return count(start, period.count, calendar, tz)


def read(text: bytes) -> Rulebook:
    """The rulebook in a TOML file. Refused("rulebook-invalid", 422) names the place that is wrong."""
    try:
        rulebook = msgspec.toml.decode(text, type=Rulebook)
        ZoneInfo(rulebook.time_zone)
    except (msgspec.ValidationError, msgspec.DecodeError, ZoneInfoNotFoundError, UnicodeDecodeError) as error:
        raise Refused("rulebook-invalid", f"This is not a rulebook: {error}", status=422) from None
    if problem := _problem(rulebook):
        raise Refused("rulebook-invalid", problem, status=422)
    digest = sha256_hex(text)
    named = f"{rulebook.name}@{rulebook.version}:{digest[:PREFIX]}"
    return msgspec.structs.replace(rulebook, id=named, sha256=digest)


def _problem(rulebook: Rulebook) -> str:
    """What the schema alone cannot say, or "" when all is well."""
    if rulebook.id or rulebook.sha256:
        return "A rulebook cannot name its own id or hash."
    ceilings = [seal.up_to for seal in rulebook.seals]
    bounded = [ceiling for ceiling in ceilings if ceiling is not None]
    if not ceilings or ceilings[-1] is not None or None in ceilings[:-1] or bounded != sorted(bounded):
        return "The seal levels rise with the value, and only the last has no ceiling."
    if [seal.level for seal in rulebook.seals] != sorted(seal.level for seal in rulebook.seals):
        return "A higher value never asks for a lower seal level."
    quorums = [seal.quorum for seal in rulebook.seals if seal.quorum]
    if not all(FEWEST <= quorum.open <= quorum.members <= MOST_MEMBERS for quorum in quorums):
        return f"A quorum is at least {FEWEST} of at most {MOST_MEMBERS} members."
    if not (rulebook.procedures and rulebook.award_methods):
        return "A rulebook allows at least one procedure and one award method."
    if any(procedure.envelopes not in ENVELOPES for procedure in rulebook.procedures.values()):
        return "A bid has a single envelope, or a technical and then a financial one."
    if problem := next(_wrong_numbers(rulebook), ""):
        return problem
    binding = [procedure.validity for procedure in rulebook.procedures.values() if procedure.validity]
    if any(period.starts is not Event.DEADLINE or period.count.backwards for period in binding):
        return "A bid stays valid for a time after the deadline."
    expected = {
        "bidding": (Event.SENT, Event.PUBLISHED, Event.INVITED),
        "question": (Event.DEADLINE,),
        "answer": (Event.DEADLINE,),
        "opening": (Event.DEADLINE,),
        "standstill": (Event.AWARD_ANNOUNCED, Event.SENT, Event.LETTERS_DELIVERED),
    }
    wrong = [name for name, events in expected.items() if getattr(rulebook.periods, name).starts not in events]
    return f"These periods start with an event that comes too late or too early: {', '.join(wrong)}." if wrong else ""


def _wrong_numbers(rulebook: Rulebook) -> Iterator[str]:
    """What is wrong with shares and fees."""
    low, deposit, fee = rulebook.abnormally_low, rulebook.deposit, rulebook.challenge_fee
    bands = (fee.terms, fee.decisions) if fee else ()
    shares = [low.below_mean, low.below_second, *(band.rate for band in bands)]
    if deposit:
        shares.append(deposit.greatest_share)
        if deposit.most is not None and deposit.most <= 0:
            yield "A deposit that may be asked is more than nothing."
    shares += [one.least_quality for one in rulebook.procedures.values() if one.least_quality is not None]
    if not all(0 <= share <= 1 for share in shares):
        yield "A share is a number from 0 to 1."
    if any(not 0 <= band.least <= band.most for band in bands):
        yield "A fee's least is not more than its most."
    if fee and fee.round_up_to <= 0:
        yield "A fee is rounded up to a multiple of more than nothing."
