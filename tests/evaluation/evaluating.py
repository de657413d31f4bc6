"""An evaluation to test with: three bidders of the fictional republic, two quality criteria, two evaluators."""

from datetime import UTC, datetime
from decimal import Decimal as D

from msgspec.structs import replace

from procurement.evaluation.rules.state import (
    Agreed,
    Candidate,
    Cell,
    Evaluation,
    Evaluator,
    Score,
    Terms,
    Verdict,
)
from procurement.kernel.money import Money
from procurement.rulebooks.rules import AbnormallyLow, PriceFormula
from procurement.tenders.rules import Criterion


def formula(name: str, digits: int = 2, parameter: D = D(0)) -> PriceFormula:
    return PriceFormula(formula=name, digits=digits, rounding="half-up", parameter=parameter, source="test")  # type: ignore[arg-type]  # any name


def low_price(below_mean: D, below_second: D, least_bids: int) -> AbnormallyLow:
    return AbnormallyLow(below_mean=below_mean, below_second=below_second, least_bids=least_bids, source="test")


def criterion(name: str, kind: str, weight: int) -> Criterion:
    return Criterion(id=name.lower(), lot="", number=1, name=name, kind=kind, weight=D(weight))  # type: ignore[arg-type]  # any kind


NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
ADLER, HARBOUR, BRIGHTWATER = "bid-adler", "bid-harbour", "bid-brightwater"
PRICE = criterion("Price", "price", 60)
METHOD = criterion("Method", "quality", 30)
TEAM = criterion("Team", "quality", 10)

TERMS = Terms(
    tender_id="2026-0418",
    buyer="city",
    lots=("",),
    criteria=(PRICE, METHOD, TEAM),
    currency="EUR",
    weighted=True,
    price=formula("lowest-over-price"),
    ties=("lowest-price", "highest-quality", "earliest-bid"),
    low_price=low_price(below_mean=D("0.3"), below_second=D("0.1"), least_bids=3),
)
LOWEST_PRICE = replace(TERMS, criteria=(PRICE,), weighted=False, price=None)


def candidate(bid_id: str, price: str, order: int = 0, problem: str = "") -> Candidate:
    return Candidate(bid_id, f"of-{bid_id}", {"": Money.parse(price, "EUR")}, problem, order)


CANDIDATES = (candidate(ADLER, "100", 1), candidate(HARBOUR, "120", 2), candidate(BRIGHTWATER, "150", 3))
PASSED = {c.bid_id: Verdict(True, "Complete.") for c in CANDIDATES}
CELLS: tuple[Cell, ...] = tuple((c.bid_id, k.id) for k in (METHOD, TEAM) for c in CANDIDATES)

CLEARED = Evaluation(evaluators=(Evaluator("chair", True, NOON), Evaluator("second", False, NOON)))
CHECKED = replace(CLEARED, verdicts=PASSED)


def sheet(value: int) -> dict[Cell, Score]:
    return {cell: Score(value, "Because.") for cell in CELLS}


def locked(first: int = 7, second: int = 7) -> Evaluation:
    """All sheets locked: the chair gave `first` everywhere, the other `second`."""
    evaluators = tuple(replace(e, locked_at=NOON) for e in CLEARED.evaluators)
    return replace(CHECKED, evaluators=evaluators, sheets={"chair": sheet(first), "second": sheet(second)})


def agreed(value: int) -> dict[Cell, Agreed]:
    return {cell: Agreed(value, "Agreed.") for cell in CELLS}
