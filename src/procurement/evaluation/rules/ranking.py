"""Who stands where, lot by lot."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from procurement.evaluation.rules.meat import Feature, adjusted_price
from procurement.evaluation.rules.pricing import HUNDRED, WORDS, ZERO, price_points, rounded
from procurement.evaluation.rules.state import HIGHEST_SCORE, Agreed, Candidate, Cell, Terms
from procurement.kernel.money import Money
from procurement.rulebooks.rules import PriceFormula
from procurement.tenders.rules import Criterion


class CriterionPoints(msgspec.Struct, frozen=True):
    """What a bid earned on one criterion: `score` out of 10, `points` out of `weight`."""

    criterion_id: str
    name: str
    kind: str
    weight: Decimal
    score: Decimal
    points: Decimal
    reason: str


class Ranked(msgspec.Struct, frozen=True):
    """A bid's place in one lot. `rank` is 0 for a bid that is out (`compliant` false, `reasons` says why); equal
    ranks are a tie that the rulebook leaves to a reasoned decision. `score` is out of 100: the sum of `points`; it is
    0 where only the price decides, and the price adjusted by features where the rulebook compares by that. `order` is
    the order in which bids were received."""

    bid_id: str
    supplier: str
    lot: str
    rank: int
    score: Decimal
    price: Money
    compliant: bool
    reasons: str = ""
    points: tuple[CriterionPoints, ...] = ()
    order: int = 0

    @property
    def quality(self) -> Decimal:
        return sum((p.points for p in self.points if p.kind == "quality"), ZERO)


TIE_BREAKS: dict[str, Callable[[Ranked], Decimal]] = {
    "lowest-price": lambda ranked: ranked.price.decimal(),
    "highest-quality": lambda ranked: -ranked.quality,
    "earliest-bid": lambda ranked: Decimal(ranked.order),
}
"""What a rulebook may name to break a tie; smaller is better."""
BY_LOT = "lots"  # drawn in public, by hand: the rank stays shared and the decision says who was drawn

FEATURES = "meat-coefficient"


def rank_lot(
    terms: Terms, lot: str, candidates: tuple[Candidate, ...], agreed: Mapping[Cell, Agreed]
) -> tuple[Ranked, ...]:
    """Rank the bids still standing in a lot, best first. `agreed` holds a score for each of their quality cells."""
    standing = tuple(c for c in candidates if lot in c.prices)
    scored = _scored(terms, lot, standing, agreed) if terms.weighted else tuple(_unscored(c, lot) for c in standing)
    return in_order(scored, _comparison(terms), terms.ties)


def in_order(
    scored: tuple[Ranked, ...], compare: Callable[[Ranked], Decimal], ties: tuple[str, ...]
) -> tuple[Ranked, ...]:
    """Give ranks 1, 2, 2, 4: equal after every tie-break means an equal rank."""

    def key(ranked: Ranked) -> tuple[Decimal, ...]:
        return (compare(ranked), *(TIE_BREAKS[name](ranked) for name in ties if name != BY_LOT))

    ordered = sorted(scored, key=lambda ranked: (key(ranked), ranked.bid_id))
    keys = [key(ranked) for ranked in ordered]
    return tuple(msgspec.structs.replace(r, rank=keys.index(key(r)) + 1) for r in ordered)


def _comparison(terms: Terms) -> Callable[[Ranked], Decimal]:
    if not terms.weighted:
        return TIE_BREAKS["lowest-price"]
    return (lambda ranked: ranked.score) if terms.formula.formula == FEATURES else (lambda ranked: -ranked.score)


def _unscored(candidate: Candidate, lot: str) -> Ranked:
    return Ranked(
        candidate.bid_id, candidate.supplier, lot, 0, ZERO, candidate.prices[lot], True, order=candidate.order
    )


def _scored(
    terms: Terms, lot: str, candidates: tuple[Candidate, ...], agreed: Mapping[Cell, Agreed]
) -> tuple[Ranked, ...]:
    prices = {c.bid_id: c.prices[lot].decimal() for c in candidates}
    price = terms.price_criterion(lot)
    method = terms.formula
    by_features = method.formula == FEATURES
    earned = price_points(method, price.weight, prices) if price and not by_features else {}
    result = []
    for candidate in candidates:
        quality = tuple(
            quality_points(criterion, agreed[candidate.bid_id, criterion.id], method)
            for criterion in terms.quality(lot)
        )
        points = quality
        if price and candidate.bid_id in earned:
            points = (priced(price, earned[candidate.bid_id], method), *quality)
        score = sum((p.points for p in points), ZERO)
        if by_features:
            score = rounded(method, adjusted_price(prices[candidate.bid_id], _features(quality)))
        result.append(msgspec.structs.replace(_unscored(candidate, lot), score=score, points=points))
    return tuple(result)


def quality_points(criterion: Criterion, agreed: Agreed, method: PriceFormula) -> CriterionPoints:
    """A score of 10 earns the whole weight, 0 nothing."""
    points = rounded(method, criterion.weight * agreed.value / HIGHEST_SCORE)
    return CriterionPoints(
        criterion.id, criterion.name, criterion.kind, criterion.weight, Decimal(agreed.value), points, agreed.reason
    )


def priced(criterion: Criterion, points: Decimal, method: PriceFormula) -> CriterionPoints:
    """Points for the price, with the score out of 10 they stand for (one decimal)."""
    score = (
        (points / criterion.weight * HIGHEST_SCORE).quantize(Decimal("0.1"), ROUND_HALF_UP)
        if criterion.weight
        else ZERO
    )
    return CriterionPoints(
        criterion.id,
        criterion.name,
        criterion.kind,
        criterion.weight,
        score,
        points,
        f"By formula: {WORDS[method.formula]}.",
    )


def _features(quality: tuple[CriterionPoints, ...]) -> tuple[Feature, ...]:
    return tuple(Feature(p.points / HUNDRED, p.weight / HUNDRED) for p in quality)
