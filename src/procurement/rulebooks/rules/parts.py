"""The parts of a rulebook. Each number in them stands beside its `source`: the article it comes from, or "default"
where the law leaves the number to regulations."""

from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from procurement.kernel.money import Money, minor_digits
from procurement.kernel.period import Count

Source = Annotated[str, msgspec.Meta(min_length=1, description='An article, or the word "default"')]


class Event(StrEnum):
    """What a period is counted from."""

    SENT = "sent"
    PUBLISHED = "published"
    INVITED = "invited"
    LETTERS_DELIVERED = "letters-delivered"
    DEADLINE = "deadline"
    AWARD_ANNOUNCED = "award-announced"


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a rulebook: an unknown word in the file is an error, never ignored."""


class Period(Data, frozen=True, kw_only=True):
    """A period of the law: from which event it runs and how it is counted."""

    starts: Event
    count: Count
    source: Source
    note: str = ""


class Periods(Data, frozen=True, kw_only=True):
    """Every period the procession needs. `question` and `answer` are the last moments, before the deadline."""

    bidding: Period  # the least time from publication to the deadline
    question: Period
    answer: Period
    opening: Period
    standstill: Period


class Procedure(Data, frozen=True, kw_only=True):
    """How suppliers are asked. Frozen into each tender: a procedure is data, never a subclass."""

    title: str
    ocds_method: Literal["open", "selective", "limited", "direct"]
    envelopes: tuple[Literal["single", "technical", "financial"], ...]
    rounds: int
    up_to: Decimal | None = None  # value in the rulebook's currency; None: any
    least_quality: Decimal | None = None  # the share of the points for quality that opens prices; None: any
    validity: Period | None = None  # how long a bid binds its bidder; None: until the contract, or an end without one
    source: Source

    @property
    def two_envelopes(self) -> bool:
        """Whether technique and price are sealed apart, and prices opened after the technical decision."""
        return len(self.envelopes) > 1


class TwoPersons(Data, frozen=True, kw_only=True):
    """An act that a second person confirms if the value is above `above` (in the rulebook's currency)."""

    above: Decimal
    source: Source

    def needed(self, value: Money) -> bool:
        return value.decimal() > self.above or self.above == 0


class Outages(Data, frozen=True, kw_only=True):
    """When an outage of the service makes a later deadline worth deciding on: `least_minutes` of it within so many
    hours before the deadline. What is proposed is the deadline moved on by `extension`."""

    within_hours: Annotated[int, msgspec.Meta(ge=1, le=168)]
    least_minutes: Annotated[int, msgspec.Meta(ge=1)]
    extension: Count
    source: Source
    note: str = ""


class Approvals(Data, frozen=True, kw_only=True):
    """Which acts need two persons."""

    publication: TwoPersons
    deadline_change: TwoPersons
    opening: TwoPersons
    award: TwoPersons
    contract_change: TwoPersons
    refund: TwoPersons | None = None  # None: every refund does, as in rulebooks from before there were any


class Quorum(Data, frozen=True, kw_only=True):
    """At least `open` of at least `members` key holders open together with the keyholder: 2 of 3, 3 of 5."""

    open: int
    members: int


class Seal(Data, frozen=True, kw_only=True):
    """The lowest seal level for values up to `up_to`; the last one has no ceiling. `quorum` is the least that a tender
    with key holders needs, also where an officer chooses them without being asked to; None: 2 of 2."""

    level: Literal["S1", "S2", "S3"]
    up_to: Decimal | None = None
    quorum: Quorum | None = None
    source: Source


class Opening(Data, frozen=True, kw_only=True):
    """What is read out at the opening, and whether anybody may watch."""

    read_out: tuple[Literal["supplier", "country", "total", "lot-totals", "documents"], ...]
    public: bool
    source: Source


class PriceFormula(Data, frozen=True, kw_only=True):
    """How a price becomes points. `formula` names one that evaluation knows; `parameter` is its own number, as the
    base of "log"; `digits` are the decimals of all points."""

    formula: Literal["lowest-over-price", "linear", "range", "log", "qcbs", "meat-coefficient"]
    digits: int
    rounding: Literal["half-up", "half-even"]
    parameter: Decimal = Decimal(0)
    source: Source


class AwardMethod(Data, frozen=True, kw_only=True):
    """How the ranking is made. `ties` are broken in this order; "lots" are drawn in public, by hand."""

    title: str
    price: PriceFormula | None = None  # None: the lowest price itself ranks
    quality: bool
    ties: tuple[Literal["lowest-price", "highest-quality", "earliest-bid", "lots"], ...]
    source: Source


class AbnormallyLow(Data, frozen=True, kw_only=True):
    """When a price must be explained by its bidder; it is asked about, never rejected by a formula."""

    least_bids: int
    below_mean: Decimal  # of the compliant bids, as a share: 0.30
    below_second: Decimal  # below the second lowest
    source: Source


class Deposit(Data, frozen=True, kw_only=True):
    """A sum that a tender may ask of every bidder, so that bids are meant: at most `greatest_share` of the estimated
    value and at most `most` in the rulebook's currency. `article` allows it; `release` is the one by which it comes
    back."""

    greatest_share: Decimal  # 0.02 is two per cent
    most: Decimal | None = None  # None: only the share bounds it
    article: Source
    release: Source
    source: Source
    note: str = ""

    def greatest(self, value: Money) -> Money:
        """The most that may be asked where so much is bought, in whole minor units."""
        major = value.decimal() * self.greatest_share
        bounded = major if self.most is None else min(major, self.most)
        minor = bounded.scaleb(minor_digits(value.currency)).to_integral_value(ROUND_FLOOR)
        return Money(int(minor), value.currency)


class FeeBand(Data, frozen=True, kw_only=True):
    """A fee that is a share of a value, never below `least`, never above `most`, in the rulebook's currency."""

    rate: Decimal  # 0.003 is 0.3 per cent
    least: Decimal
    most: Decimal
    source: Source


class ChallengeFee(Data, frozen=True, kw_only=True):
    """What a challenge costs: of the `terms` of a call, or of the `decisions` taken after bids were opened. What comes
    out is rounded up to a multiple of `round_up_to`. Who is right has it back."""

    terms: FeeBand
    decisions: FeeBand
    round_up_to: Decimal
    source: Source
    note: str = ""
