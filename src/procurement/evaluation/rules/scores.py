"""Individual scores, locked before anyone sees another's; then one agreed score for each cell."""

from collections.abc import Mapping

from procurement.evaluation.rules.committee import must_be_cleared, must_be_complete, must_be_going_on, must_chair
from procurement.evaluation.rules.compliance import must_be_decided
from procurement.evaluation.rules.facts import ConsensusReached, ScoresLocked
from procurement.evaluation.rules.state import (
    HIGHEST_SCORE,
    Agreed,
    Candidate,
    Cell,
    Evaluation,
    Score,
    Terms,
    responsive,
)
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.refusal import Refused, invalid


def grid(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation) -> tuple[Cell, ...]:
    """Every cell to be scored: each quality criterion for each bid that passed and bids for the criterion's lot."""
    return tuple(
        (candidate.bid_id, criterion.id)
        for criterion in terms.quality()
        for candidate in responsive(candidates, evaluation)
        if not criterion.lot or candidate.bids_for(criterion.lot)
    )


def must_be_open_for(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation, person: str) -> None:
    """Whether this person may fill in a sheet now."""
    must_be_going_on(evaluation)
    evaluator = must_be_cleared(evaluation, person)
    if not terms.weighted:
        raise Refused("no-scores", "This tender is decided by the lowest price alone. There is nothing to score.")
    must_be_complete(evaluation)
    must_be_decided(candidates, evaluation)
    if evaluator.locked_at is not None:
        raise Refused("sheet-locked", "Your scores are locked and stay as they are.")


def check(cells: tuple[Cell, ...], scores: Mapping[Cell, Score]) -> None:
    """Scores are whole numbers from 0 to 10, on cells of the grid."""
    if set(scores) - set(cells):
        raise invalid("The sheet has a bid or a criterion that is not to be scored.")
    wrong = {
        field(cell): f"Enter a whole number from 0 to {HIGHEST_SCORE}."
        for cell, score in scores.items()
        if score.value is not None and not 0 <= score.value <= HIGHEST_SCORE
    }
    if wrong:
        raise invalid("Some scores are out of range.", **wrong)


def lock(cells: tuple[Cell, ...], tender_id: str, person: str, scores: Mapping[Cell, Score]) -> ScoresLocked:
    """Finish a sheet: every cell has a score and a comment. From now on it cannot change."""
    check(cells, scores)
    missing = {}
    for cell in cells:
        score = scores.get(cell, Score(None))
        if score.value is None:
            missing[field(cell)] = "Enter a score."
        if not score.comment:
            missing[field(cell, "comment")] = "Say why in a sentence."
    if missing:
        raise invalid("Your sheet is not complete. Each bid needs a score and a comment on each criterion.", **missing)
    return ScoresLocked(tender=tender_id, evaluator=person, sheet_sha256=sheet_digest(scores))


def sheet_digest(scores: Mapping[Cell, Score]) -> str:
    rows = [[bid, criterion, score.value, score.comment] for (bid, criterion), score in sorted(scores.items())]
    return sha256_hex(canonical(rows))


def field(cell: Cell, what: str = "score") -> str:
    """The name of a cell's form field."""
    return f"{what}-{cell[0]}-{cell[1]}"


def individual(evaluation: Evaluation, cell: Cell) -> tuple[Score, ...]:
    """What each evaluator gave, in the order of the committee. Only for those who may see it."""
    sheets = (evaluation.sheets.get(e.person, {}) for e in evaluation.evaluators)
    return tuple(sheet[cell] for sheet in sheets if cell in sheet)


def agreement(evaluation: Evaluation, cell: Cell) -> Agreed | None:
    """The score that counts: the one the chair recorded, or the one everybody gave anyway (with the chair's words)."""
    if not evaluation.revealed:
        return None
    if cell in evaluation.agreed:
        return evaluation.agreed[cell]
    given = individual(evaluation, cell)
    values = {score.value for score in given}
    if len(values) != 1 or None in values or evaluation.chair is None:
        return None
    own = evaluation.sheets[evaluation.chair.person][cell]
    return Agreed(own.value or 0, own.comment)


def agree(
    cells: tuple[Cell, ...], evaluation: Evaluation, tender_id: str, person: str, cell: Cell, score: int, reason: str
) -> ConsensusReached:
    """The chair records the one score where evaluators differ, with the reason the bidder will read."""
    must_be_going_on(evaluation)
    must_chair(evaluation, person)
    if evaluation.technical is not None:
        raise Refused("technical-proposed", "The technical result was proposed. Nothing of it changes now.")
    if not evaluation.revealed:
        raise Refused("scores-not-locked", "Not every evaluator has locked the scores yet.")
    if cell not in cells:
        raise invalid("That bid is not scored on that criterion.")
    if len({s.value for s in individual(evaluation, cell)}) == 1:
        raise Refused("already-unanimous", "Everyone gave this score the same. It stands.")
    if not 0 <= score <= HIGHEST_SCORE:
        raise invalid("The agreed score is out of range.", score=f"Enter a whole number from 0 to {HIGHEST_SCORE}.")
    if not reason:
        raise invalid("Give the reason for the agreed score.", reason="Say why in a sentence. The bidder will read it.")
    return ConsensusReached(tender=tender_id, bid=cell[0], criterion=cell[1], score=score, reason=reason)
