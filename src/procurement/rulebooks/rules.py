"""What a rulebook may say, and how a period of a rulebook is counted. Pure.

A rulebook is a TOML file. Each number in it stands beside its `source`: the article it comes from, or "default" where
the law leaves the number to regulations.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from procurement.kernel.actor import must_be_two
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.fact import Fact
from procurement.kernel.money import Money
from procurement.kernel.period import Calendar, Count, count
from procurement.kernel.refusal import Refused

Source = Annotated[str, msgspec.Meta(min_length=1, description='An article, or the word "default"')]
PREFIX = 12  # hexadecimal characters of the hash that an id carries


class Event(StrEnum):
    """What a period is counted from."""

    SENT = "sent"
    PUBLISHED = "published"
    INVITED = "invited"
    LETTERS_DELIVERED = "letters-delivered"
    DEADLINE = "deadline"
    AWARD_ANNOUNCED = "award-announced"


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a rulebook: an unknown word in the file is an error, never ignored."""


class Period(_Data, frozen=True, kw_only=True):
    """A period of the law: from which event it runs and how it is counted."""

    starts: Event
    count: Count
    source: Source
    note: str = ""


class Periods(_Data, frozen=True, kw_only=True):
    """Every period the procession needs. `question` and `answer` are the last moments, before the deadline."""

    bidding: Period  # the least time from publication to the deadline
    question: Period
    answer: Period
    opening: Period
    standstill: Period


class Procedure(_Data, frozen=True, kw_only=True):
    """How suppliers are asked. Frozen into each tender: a procedure is data, never a subclass."""

    title: str
    ocds_method: Literal["open", "selective", "limited", "direct"]
    envelopes: tuple[Literal["single", "technical", "financial"], ...]
    rounds: int
    up_to: Decimal | None = None  # value in the rulebook's currency; None: any
    source: Source


class TwoPersons(_Data, frozen=True, kw_only=True):
    """An act that a second person confirms if the value is above `above` (in the rulebook's currency)."""

    above: Decimal
    source: Source

    def needed(self, value: Money) -> bool:
        return value.decimal() > self.above or self.above == 0


class Approvals(_Data, frozen=True, kw_only=True):
    """Which acts need two persons."""

    publication: TwoPersons
    deadline_change: TwoPersons
    opening: TwoPersons
    award: TwoPersons
    contract_change: TwoPersons


class Seal(_Data, frozen=True, kw_only=True):
    """The seal level for values up to `up_to`; the last one has no ceiling."""

    level: Literal["S1", "S2", "S3"]
    up_to: Decimal | None = None
    source: Source


class Opening(_Data, frozen=True, kw_only=True):
    """What is read out at the opening, and whether anybody may watch."""

    read_out: tuple[Literal["supplier", "country", "total", "lot-totals", "documents"], ...]
    public: bool
    source: Source


class PriceFormula(_Data, frozen=True, kw_only=True):
    """How a price becomes points. `formula` names one that evaluation knows; `parameter` is its own number, as the
    base of "log"; `digits` are the decimals of all points."""

    formula: Literal["lowest-over-price", "linear", "range", "log", "qcbs", "meat-coefficient"]
    digits: int
    rounding: Literal["half-up", "half-even"]
    parameter: Decimal = Decimal(0)
    source: Source


class AwardMethod(_Data, frozen=True, kw_only=True):
    """How the ranking is made. `ties` are broken in this order; "lots" are drawn in public, by hand."""

    title: str
    price: PriceFormula | None = None  # None: the lowest price itself ranks
    quality: bool
    ties: tuple[Literal["lowest-price", "highest-quality", "earliest-bid", "lots"], ...]
    source: Source


class AbnormallyLow(_Data, frozen=True, kw_only=True):
    """When a price must be explained by its bidder; it is asked about, never rejected by a formula."""

    least_bids: int
    below_mean: Decimal  # of the compliant bids, as a share: 0.30
    below_second: Decimal  # below the second lowest
    source: Source


class Rulebook(_Data, frozen=True, kw_only=True):
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
    id: str = ""
    sha256: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def seal_level(self, value: Money) -> str:
        """The lowest level allowed for a tender of that value."""
        return next(seal.level for seal in self.seals if seal.up_to is None or value.decimal() <= seal.up_to)

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
    if not (rulebook.procedures and rulebook.award_methods):
        return "A rulebook allows at least one procedure and one award method."
    if not all(0 <= share <= 1 for share in (rulebook.abnormally_low.below_mean, rulebook.abnormally_low.below_second)):
        return "A share is a number from 0 to 1."
    expected = {
        "bidding": (Event.SENT, Event.PUBLISHED, Event.INVITED),
        "question": (Event.DEADLINE,),
        "answer": (Event.DEADLINE,),
        "opening": (Event.DEADLINE,),
        "standstill": (Event.AWARD_ANNOUNCED, Event.SENT, Event.LETTERS_DELIVERED),
    }
    wrong = [name for name, events in expected.items() if getattr(rulebook.periods, name).starts not in events]
    return f"These periods start with an event that comes too late or too early: {', '.join(wrong)}." if wrong else ""


class RulebookProposed(Fact, frozen=True, kw_only=True):
    """An administrator asked for a rulebook to be put in force. `sha256` is that of the file's bytes."""

    rulebook: str
    sha256: str
    proposed_by: str


class RulebookActivated(Fact, frozen=True, kw_only=True):
    """A second administrator put it in force: tenders published from now on freeze it."""

    rulebook: str
    sha256: str
    proposed_by: str
    activated_by: str


def activate(rulebook: Rulebook, proposed: RulebookProposed, person: str, now: datetime) -> RulebookActivated:
    """Refused("same-person") when one person does both steps; "rulebook-not-in-force" before the law is."""
    must_be_two(proposed.proposed_by, person)
    if now.astimezone(rulebook.zone).date() < rulebook.in_force:
        raise Refused("rulebook-not-in-force", f"These rules are in force from {rulebook.in_force:%d %B %Y}.")
    return RulebookActivated(
        rulebook=proposed.rulebook,
        sha256=proposed.sha256,
        proposed_by=proposed.proposed_by,
        activated_by=person,
    )
