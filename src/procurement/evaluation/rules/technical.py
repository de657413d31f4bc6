"""Who passes the technical evaluation, where prices are opened after it (UNCITRAL Model Law article 47(8) to (10)).

The chair proposes, somebody else decides. From the proposal on nothing of it changes, from the decision on nothing
ever.
"""

from decimal import Decimal

import msgspec
from msgspec import UNSET

from procurement.evaluation.rules.committee import must_be_complete, must_be_going_on, must_chair
from procurement.evaluation.rules.facts import TechnicalProposed, TechnicalReturned
from procurement.evaluation.rules.pricing import ZERO
from procurement.evaluation.rules.ranking import quality_points
from procurement.evaluation.rules.scores import agreement, grid
from procurement.evaluation.rules.state import Candidate, Evaluation, Technical, Terms, responsive
from procurement.kernel.actor import must_be_two
from procurement.kernel.refusal import Refused, invalid


class Judged(msgspec.Struct, frozen=True):
    """A bid that passed the compliance check, in one lot: its points for quality there, out of `most`, and whether they
    are enough."""

    bid_id: str
    supplier: str
    lot: str
    points: Decimal
    most: Decimal
    passed: bool


def judged(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation) -> tuple[Judged, ...]:
    """Each bid that is compared in each lot that it is for: lot by lot, in the order of receipt. Its scores are all
    agreed."""
    compared = responsive(candidates, evaluation)
    return tuple(
        _judged(terms, candidate, evaluation, lot)
        for lot in terms.lots
        for candidate in compared
        if candidate.bids_for(lot)
    )


def _judged(terms: Terms, candidate: Candidate, evaluation: Evaluation, lot: str) -> Judged:
    most = sum((criterion.weight for criterion in terms.quality(lot)), ZERO)
    points = ZERO
    for criterion in terms.quality(lot):
        if agreed := agreement(evaluation, (candidate.bid_id, criterion.id)):
            points += quality_points(criterion, agreed, terms.formula).points
    least = most * (terms.least_quality or ZERO)
    return Judged(candidate.bid_id, candidate.supplier, lot, points, most, points >= least)


def passed(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation) -> list[tuple[str, str]]:
    """The bids (ids) and lots whose prices are to be opened."""
    return [(one.bid_id, one.lot) for one in judged(terms, candidates, evaluation) if one.passed]


def must_be_judged(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation) -> None:
    """Refused("evaluation-open") while a check, a sheet or an agreement is missing."""
    must_be_complete(evaluation)
    checked = all(candidate.bid_id in evaluation.verdicts for candidate in candidates)
    cells = grid(terms, candidates, evaluation)
    if not checked or not all(agreement(evaluation, cell) for cell in cells):
        raise Refused("evaluation-open", "Something is still open. The list on the evaluation page says what.")


def propose(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation, person: str) -> TechnicalProposed:
    """The chair says that the technical evaluation is complete, and who passed.

    Refused("envelopes-one") where bids have one envelope, ("technical-proposed"), ("evaluation-open").
    """
    must_be_going_on(evaluation)
    if not terms.prices_apart:
        raise Refused("envelopes-one", "The bids of this tender have one envelope, and no technical decision.")
    must_chair(evaluation, person)
    must_stand_open(evaluation)
    must_be_judged(terms, candidates, evaluation)
    found = passed(terms, candidates, evaluation)
    lots = {lot: [bid_id for bid_id, one in found if one == lot] for lot in terms.lots}
    return TechnicalProposed(
        tender=terms.tender_id,
        passed=list(dict.fromkeys(bid_id for bid_id, _ in found)),
        lots=lots if len(lots) > 1 else UNSET,
    )


def must_be_decidable(evaluation: Evaluation, person: str) -> Technical:
    """Refused("technical-unproposed"), ("technical-decided"), ("same-person", 403)."""
    held = _proposed(evaluation)
    must_be_two(held.proposed_by, person)
    return held


def send_back(terms: Terms, evaluation: Evaluation, person: str, reason: str) -> TechnicalReturned:
    """The second person asks the committee to look again: the chair may agree other scores, and propose anew."""
    _proposed(evaluation)
    if not reason:
        raise invalid("Give the reason.", reason="Say what the committee should look at again.")
    return TechnicalReturned(tender=terms.tender_id, returned_by=person, reason=reason)


def must_stand_open(evaluation: Evaluation) -> None:
    """Refused("technical-decided") or ("technical-proposed") once the technical evaluation is out of the committee's
    hands."""
    if evaluation.technical is None:
        return
    if evaluation.technical.decided_at is not None:
        raise Refused("technical-decided", "The technical decision was taken. It cannot be taken again.")
    raise Refused("technical-proposed", "The technical result waits for a second person. Nothing of it changes now.")


def _proposed(evaluation: Evaluation) -> Technical:
    held = evaluation.technical
    if held is None:
        raise Refused("technical-unproposed", "The chair has not proposed a technical result yet.")
    if held.decided_at is not None:
        must_stand_open(evaluation)
    return held
