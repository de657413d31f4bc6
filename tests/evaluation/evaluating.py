"""An evaluation to test with: three bidders of the fictional republic, two quality criteria, two evaluators."""

from datetime import UTC, datetime
from decimal import Decimal as D

from msgspec.structs import replace

from procurement.evaluation.rules.abnormally_low import LowPriceTest
from procurement.evaluation.rules.pricing import PriceMethod
from procurement.evaluation.rules.state import (
    Agreed,
    Candidate,
    Cell,
    Criterion,
    Evaluation,
    Evaluator,
    Score,
    Terms,
    Verdict,
)
from procurement.kernel.money import Money

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
ADLER, HARBOUR, BRIGHTWATER = "bid-adler", "bid-harbour", "bid-brightwater"
PRICE = Criterion("price", "Price", "price", D(60))
METHOD = Criterion("method", "Method and site safety", "quality", D(30))
TEAM = Criterion("team", "Team on site", "quality", D(10))

TERMS = Terms(
    tender_id="2026-0418",
    buyer="city",
    lots=("",),
    criteria=(PRICE, METHOD, TEAM),
    weighted=True,
    price=PriceMethod("lowest-over-price"),
    ties=("lowest-price", "highest-quality", "earliest-bid"),
    low_price=LowPriceTest(below_mean=D("0.3"), below_second=D("0.1"), least_bids=3),
)
LOWEST_PRICE = replace(TERMS, criteria=(PRICE,), weighted=False)


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
