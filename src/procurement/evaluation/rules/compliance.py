"""Does a bid meet what the tender asked? Decided bid by bid, with a reason the bidder reads."""

from procurement.evaluation.rules.committee import must_be_cleared, must_be_going_on
from procurement.evaluation.rules.facts import ComplianceDecided
from procurement.evaluation.rules.state import Candidate, Evaluation
from procurement.kernel.refusal import Refused, invalid, unknown


def find(candidates: tuple[Candidate, ...], bid_id: str) -> Candidate:
    found = next((c for c in candidates if c.bid_id == bid_id), None)
    if found is None:
        raise unknown("bid")
    return found


def decide(
    candidates: tuple[Candidate, ...],
    evaluation: Evaluation,
    tender_id: str,
    person: str,
    bid_id: str,
    *,
    compliant: bool,
    reason: str,
) -> ComplianceDecided:
    """A cleared evaluator passes or fails a bid. The decision can be corrected until the first sheet is locked."""
    must_be_going_on(evaluation)
    must_be_cleared(evaluation, person)
    candidate = find(candidates, bid_id)
    if evaluation.technical is not None:
        raise Refused("technical-proposed", "The technical result was proposed. Nothing of it changes now.")
    if any(e.locked_at for e in evaluation.evaluators):
        raise Refused("scores-locked", "Scores are locked, so who is compared with whom can no longer change.")
    if compliant and candidate.problem:
        raise Refused("bid-unreadable", f"This bid cannot pass: {candidate.problem}")
    if not reason:
        raise invalid("Give a reason.", reason="Say what you checked, or what is missing. The bidder will read it.")
    return ComplianceDecided(tender=tender_id, bid=bid_id, compliant=compliant, reason=reason)


def must_be_decided(candidates: tuple[Candidate, ...], evaluation: Evaluation) -> None:
    if any(c.bid_id not in evaluation.verdicts for c in candidates):
        raise Refused("compliance-open", "Not every bid has been checked yet. Finish the compliance check first.")
