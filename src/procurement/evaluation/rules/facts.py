"""What the ledger remembers of an evaluation. Persons by id; scores and weights as decimal strings."""

from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money


class EvaluatorsAppointed(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    evaluators: list[str]
    chair: str


class ConflictDeclared(Fact, frozen=True, kw_only=True):
    """What the conflict is stays in an erasable table: it is about a natural person."""

    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    evaluator: str
    conflict: bool


class ComplianceDecided(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    bid: str
    compliant: bool
    reason: str


class ScoresLocked(Fact, frozen=True, kw_only=True):
    """`sheet_sha256` binds every score and comment of the sheet (canonical JSON, sorted by bid and criterion)."""

    visible: ClassVar[Visible] = Visible.PARTIES
    tender: str
    evaluator: str
    sheet_sha256: str


class ConsensusReached(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    bid: str
    criterion: str
    score: int
    reason: str


class TechnicalProposed(Fact, frozen=True, kw_only=True):
    """The chair proposed who passed the technical evaluation: `passed` are bids, and `lots` those that passed in each
    lot, where there are several. TechnicalDecided follows."""

    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    passed: list[str]
    lots: dict[str, list[str]] | UnsetType = UNSET


class TechnicalReturned(Fact, frozen=True, kw_only=True):
    """The second person asked the committee to look again."""

    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    returned_by: str
    reason: str


class LowPriceQuestioned(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    bid: str
    lot: str
    question: str


class LowPriceExplained(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    bid: str
    lot: str
    answer: str


class LowPriceDecided(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    bid: str
    lot: str
    accepted: bool
    reason: str


class RankedBid(msgspec.Struct, frozen=True):
    """One line of the result. `rank` 0 means not ranked; `reason` then says why."""

    bid: str
    supplier: str
    lot: str
    rank: int
    score: str
    price: Money
    reason: str


class EvaluationConcluded(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.AT_AWARD
    tender: str
    ranking: list[RankedBid]
