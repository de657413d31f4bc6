"""The scores drawn as people read them: criteria down, bids across, and whether what is open can still matter."""

from decimal import Decimal

import msgspec

from procurement.evaluation.rules.conclusion import standing
from procurement.evaluation.rules.pricing import ZERO, price_points
from procurement.evaluation.rules.ranking import FEATURES, priced, quality_points
from procurement.evaluation.rules.scores import agreement, individual
from procurement.evaluation.rules.state import Candidate, Evaluation, Terms
from procurement.tenders.rules import Criterion


class Field(msgspec.Struct, frozen=True):
    """One bid on one criterion. `score` is out of 10, None while it is not agreed; `given` are the individual scores
    (empty while they are hidden, and for the price); `talk` asks the chair to lead to one score."""

    bid_id: str
    score: Decimal | None
    points: Decimal = ZERO
    given: tuple[int, ...] = ()
    reason: str = ""

    @property
    def talk(self) -> bool:
        return self.score is None and len(set(self.given)) > 1


class Row(msgspec.Struct, frozen=True):
    criterion: Criterion
    fields: tuple[Field, ...]


class Total(msgspec.Struct, frozen=True):
    """The points agreed so far, and how many more are possible."""

    bid_id: str
    points: Decimal
    possible: Decimal

    @property
    def most(self) -> Decimal:
        return self.points + self.possible


class Matrix(msgspec.Struct, frozen=True):
    """One lot. `leader` is the bid that has the most points so far, "" while two share that; `settled` says that
    nothing still open can change who leads."""

    lot: str
    bids: tuple[Candidate, ...]
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    leader: str
    settled: bool

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for row in self.rows if row.criterion.kind == "quality" for field in row.fields)

    @property
    def agreed(self) -> int:
        return sum(field.score is not None for field in self.fields)

    @property
    def talks(self) -> tuple[tuple[Criterion, Field], ...]:
        return tuple((row.criterion, field) for row in self.rows for field in row.fields if field.talk)


def matrix(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation, lot: str) -> Matrix:
    """The matrix of a lot, from the bids that are still compared in it."""
    bids = standing(candidates, evaluation, lot)
    rows = tuple(
        row
        for criterion in terms.criteria
        if criterion.concerns(lot) and (row := _row(terms, criterion, bids, evaluation, lot))
    )
    totals = tuple(_total(bid.bid_id, rows) for bid in bids)
    leader, settled = _leader(totals)
    return Matrix(lot, bids, rows, totals, leader, settled)


def _row(
    terms: Terms, criterion: Criterion, bids: tuple[Candidate, ...], evaluation: Evaluation, lot: str
) -> Row | None:
    if criterion.kind == "price" and not all(lot in bid.prices for bid in bids):
        return Row(criterion, tuple(Field(bid.bid_id, None) for bid in bids))  # sealed until the technical decision
    if criterion.kind == "price" and terms.formula.formula != FEATURES:
        prices = {bid.bid_id: bid.prices[lot].decimal() for bid in bids}
        earned = price_points(terms.formula, criterion.weight, prices) if all(p > 0 for p in prices.values()) else {}
        points = {bid: priced(criterion, value, terms.formula) for bid, value in earned.items()}
        return Row(
            criterion,
            tuple(
                Field(bid, points[bid].score, points[bid].points) if bid in points else Field(bid, None)
                for bid in prices
            ),
        )
    if criterion.kind == "quality":
        return Row(criterion, tuple(_quality(terms, criterion, bid.bid_id, evaluation) for bid in bids))
    return None


def _quality(terms: Terms, criterion: Criterion, bid_id: str, evaluation: Evaluation) -> Field:
    cell = (bid_id, criterion.id)
    shown = individual(evaluation, cell) if evaluation.revealed else ()
    given = tuple(score.value for score in shown if score.value is not None)
    agreed = agreement(evaluation, cell)
    if agreed is None:
        return Field(bid_id, None, given=given)
    earned = quality_points(criterion, agreed, terms.formula)
    return Field(bid_id, earned.score, earned.points, given, agreed.reason)


def _total(bid_id: str, rows: tuple[Row, ...]) -> Total:
    own = [(row.criterion.weight, field) for row in rows for field in row.fields if field.bid_id == bid_id]
    points = sum((field.points for _weight, field in own), ZERO)
    return Total(bid_id, points, sum((weight for weight, field in own if field.score is None), ZERO))


def _leader(totals: tuple[Total, ...]) -> tuple[str, bool]:
    if not totals:
        return "", True
    first = max(totals, key=lambda total: total.points)
    others = [total for total in totals if total is not first]
    leads = all(first.points > other.points for other in others)
    return (first.bid_id if leads else ""), all(first.points > other.most for other in others)
