"""What an evaluation is about and how far it has come, as values the rules can look at."""

from datetime import datetime
from decimal import Decimal

import msgspec

from procurement.kernel.money import Money
from procurement.rulebooks.rules import AbnormallyLow, PriceFormula
from procurement.tenders.rules import Criterion

Cell = tuple[str, str]
"""A bid id and a criterion id: one field of the matrix."""

HIGHEST_SCORE = 10


class Terms(msgspec.Struct, frozen=True):
    """What the tender promised about its evaluation, and what its rulebook says. `lots` has one "" where there are
    none. `ties` names what breaks a tie, in order (see ranking.TIE_BREAKS). With `prices_apart` prices are opened after
    the technical decision, of bids that earned `least_quality` of all points for quality (a share; None: any)."""

    tender_id: str
    buyer: str
    lots: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    currency: str
    weighted: bool
    price: PriceFormula | None
    ties: tuple[str, ...] = ()
    low_price: AbnormallyLow | None = None
    prices_apart: bool = False
    least_quality: Decimal | None = None

    @property
    def formula(self) -> PriceFormula:
        """How prices become points. ValueError where the price alone decides and so has none."""
        if self.price is None:
            raise ValueError("this award method has no price formula")
        return self.price

    def quality(self, lot: str | None = None) -> tuple[Criterion, ...]:
        """The criteria people score: of one lot, or all."""
        return tuple(c for c in self.criteria if c.kind == "quality" and (lot is None or c.concerns(lot)))

    def price_criterion(self, lot: str) -> Criterion | None:
        return next((c for c in self.criteria if c.kind == "price" and c.concerns(lot)), None)


class Candidate(msgspec.Struct, frozen=True):
    """An opened bid: its price per lot it bids for, what kept it from being read ("" = nothing), and its place in the
    order of receipt. Where prices are sealed apart, `sealed_lots` are the lots it bids for, `below` those in which it
    did not pass the technical evaluation, so that their prices stay sealed, and `shut_lots` those whose price list
    keeps it from being compared, with the reason."""

    bid_id: str
    supplier: str
    prices: dict[str, Money]
    problem: str = ""
    order: int = 0
    sealed_lots: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    shut_lots: dict[str, str] = {}

    def bids_for(self, lot: str) -> bool:
        return lot in self.prices or lot in self.sealed_lots

    def is_sealed(self, lot: str) -> bool:
        """Whether its price for a lot that it bids for may still be opened."""
        return lot in self.sealed_lots and not (lot in self.prices or lot in self.below or lot in self.shut_lots)


class Evaluator(msgspec.Struct, frozen=True):
    person: str
    chair: bool = False
    declared_at: datetime | None = None
    conflict: bool = False
    locked_at: datetime | None = None

    @property
    def cleared(self) -> bool:
        return self.declared_at is not None and not self.conflict


class Verdict(msgspec.Struct, frozen=True):
    """The outcome of the compliance check of one bid."""

    compliant: bool
    reason: str


class Score(msgspec.Struct, frozen=True):
    """One evaluator's opinion of one cell. `value` is None while the sheet is unfinished."""

    value: int | None
    comment: str = ""


class Agreed(msgspec.Struct, frozen=True):
    """The score that counts, with the reason the bidder reads."""

    value: int
    reason: str


class LowPrice(msgspec.Struct, frozen=True):
    """A price that looked abnormally low: what was asked, answered and decided. `accepted` is None until decided."""

    bid_id: str
    lot: str
    question: str
    answer: str = ""
    accepted: bool | None = None
    reason: str = ""


class Technical(msgspec.Struct, frozen=True):
    """The technical result as it was proposed; `decided_at` once the second person decided."""

    proposed_by: str
    proposed_at: datetime
    decided_at: datetime | None = None


class Evaluation(msgspec.Struct, frozen=True):
    """Everything recorded so far. `sheets` maps an evaluator to the cells that person filled in."""

    evaluators: tuple[Evaluator, ...] = ()
    verdicts: dict[str, Verdict] = {}
    sheets: dict[str, dict[Cell, Score]] = {}
    agreed: dict[Cell, Agreed] = {}
    low_prices: tuple[LowPrice, ...] = ()
    concluded_at: datetime | None = None
    technical: Technical | None = None

    def evaluator(self, person: str) -> Evaluator | None:
        return next((e for e in self.evaluators if e.person == person), None)

    @property
    def chair(self) -> Evaluator | None:
        return next((e for e in self.evaluators if e.chair), None)

    @property
    def revealed(self) -> bool:
        """Individual scores become visible to the others only when every sheet is locked."""
        return bool(self.evaluators) and all(e.locked_at for e in self.evaluators)

    def low_price(self, bid_id: str, lot: str) -> LowPrice | None:
        return next((p for p in self.low_prices if (p.bid_id, p.lot) == (bid_id, lot)), None)


def responsive(candidates: tuple[Candidate, ...], evaluation: Evaluation) -> tuple[Candidate, ...]:
    """The bids that passed the compliance check."""
    return tuple(c for c in candidates if c.bid_id in evaluation.verdicts and evaluation.verdicts[c.bid_id].compliant)
