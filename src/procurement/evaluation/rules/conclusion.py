"""What is still open before a recommendation, and the result when nothing is."""

from datetime import datetime

import msgspec

from procurement.evaluation.rules.committee import must_be_complete, must_be_going_on, must_chair
from procurement.evaluation.rules.facts import EvaluationConcluded, RankedBid
from procurement.evaluation.rules.low_prices import flagged
from procurement.evaluation.rules.pricing import ZERO
from procurement.evaluation.rules.ranking import Ranked, rank_lot
from procurement.evaluation.rules.scores import agreement, grid
from procurement.evaluation.rules.state import Agreed, Candidate, Cell, Evaluation, Terms, responsive
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused

BELOW = "It did not reach the points for quality that open the financial envelope, which stays sealed."


class EvaluationResult(msgspec.Struct, frozen=True):
    """The concluded evaluation: every bid in every lot it bid for, best first, bids that are out at the end."""

    concluded_at: datetime
    ranking: tuple[Ranked, ...]

    def of_lot(self, lot: str) -> tuple[Ranked, ...]:
        return tuple(r for r in self.ranking if r.lot == lot)

    def best(self, lot: str) -> tuple[Ranked, ...]:
        """The bids that share the first place: usually one, none when no bid is acceptable."""
        return tuple(r for r in self.of_lot(lot) if r.rank == 1)


class Open(msgspec.Struct, frozen=True):
    """How many things of each kind are still open. Where prices are sealed apart, `technical` is 1 until it is decided
    who passed, and `prices` until theirs are opened."""

    evaluators: int
    declarations: int
    compliance: int
    sheets: int
    consensus: int
    low_prices: int
    technical: int = 0
    prices: int = 0

    @property
    def nothing(self) -> bool:
        return not any(msgspec.structs.astuple(self))


def still_open(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation) -> Open:
    """Count what is missing. Scores count only where the tender has them."""
    cells = grid(terms, candidates, evaluation) if terms.weighted else ()
    evaluators = evaluation.evaluators
    decided = {(p.bid_id, p.lot) for p in evaluation.low_prices if p.accepted is not None}
    return Open(
        evaluators=0 if evaluators else 1,
        declarations=sum(not e.cleared for e in evaluators),
        compliance=sum(c.bid_id not in evaluation.verdicts for c in candidates),
        sheets=sum(e.locked_at is None for e in evaluators) if cells else 0,
        consensus=sum(agreement(evaluation, cell) is None for cell in cells),
        low_prices=len(set(flagged(terms, candidates, evaluation)) - decided),
        technical=int(terms.prices_apart and not (evaluation.technical and evaluation.technical.decided_at)),
        prices=int(terms.prices_apart and any(_is_sealed(c, evaluation) for c in candidates)),
    )


def agreed_scores(cells: tuple[Cell, ...], evaluation: Evaluation) -> dict[Cell, Agreed]:
    found = ((cell, agreement(evaluation, cell)) for cell in cells)
    return {cell: agreed for cell, agreed in found if agreed is not None}


def ranking(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation) -> tuple[Ranked, ...]:
    """All lots one after the other; the bids that are out follow the ranked ones of their lot. A bid that could not be
    read names no lot: it is out of each."""
    agreed = agreed_scores(grid(terms, candidates, evaluation), evaluation)
    result: list[Ranked] = []
    for lot in terms.lots:
        result += rank_lot(terms, lot, standing(candidates, evaluation, lot), agreed)
        result += [
            Ranked(c.bid_id, c.supplier, lot, 0, ZERO, c.prices.get(lot, Money(0, terms.currency)), False, why)
            for c in candidates
            if (c.bids_for(lot) or not (c.prices or c.sealed_lots)) and (why := _why_out(evaluation, c, lot))
        ]
    return tuple(result)


def standing(candidates: tuple[Candidate, ...], evaluation: Evaluation, lot: str) -> tuple[Candidate, ...]:
    """The bids still compared in a lot: responsive, bidding for it, and not refused for an abnormally low price."""
    compared = responsive(candidates, evaluation)
    return tuple(c for c in compared if c.bids_for(lot) and not _why_out(evaluation, c, lot))


def _is_sealed(candidate: Candidate, evaluation: Evaluation) -> bool:
    """Whether a price of a bid that may still win is not known yet."""
    verdict = evaluation.verdicts.get(candidate.bid_id)
    out = (verdict is not None and not verdict.compliant) or candidate.problem
    return not out and any(candidate.is_sealed(lot) for lot in candidate.sealed_lots)


def _why_out(evaluation: Evaluation, candidate: Candidate, lot: str) -> str:
    """Why a bid is not ranked in a lot; "" when it stands."""
    verdict = evaluation.verdicts[candidate.bid_id]
    if not verdict.compliant:
        return verdict.reason
    if lot in candidate.below:
        return BELOW
    if problem := candidate.problem or candidate.shut_lots.get(lot):
        return problem
    questioned = evaluation.low_price(candidate.bid_id, lot)
    return questioned.reason if questioned and questioned.accepted is False else ""


def conclude(
    terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation, person: str
) -> tuple[EvaluationConcluded, tuple[Ranked, ...]]:
    """The chair ends the evaluation. Refused "evaluation-open" while anything is missing."""
    must_be_going_on(evaluation)
    must_be_complete(evaluation)
    must_chair(evaluation, person)
    if not still_open(terms, candidates, evaluation).nothing:
        raise Refused("evaluation-open", "Something is still open. The list on the evaluation page says what.")
    ranked = ranking(terms, candidates, evaluation)
    lines = [RankedBid(r.bid_id, r.supplier, r.lot, r.rank, format(r.score, "f"), r.price, r.reasons) for r in ranked]
    return EvaluationConcluded(tender=terms.tender_id, ranking=lines), ranked
