"""What the people of the practice republic write when they judge and decide."""

from procurement.evaluation.rules.ranking import Ranked


def comment(score: int) -> str:
    """An evaluator's reason for a score of 0 to 10."""
    if score >= 8:
        return "A dated plan for every stage; whoever leads the work is named."
    if score >= 6:
        return "A sound method, but two of the four stages have no dates."
    return "It repeats the specification and says little of its own."


def reason(award_method: str, first: Ranked | None) -> str:
    """An officer's reason for proposing the bid in first place, or for proposing none."""
    if first is None:
        return "No bid was received."
    if award_method == "weighted":
        return f"It has most points of all compliant bids, by price and quality together: {first.score:.2f} of 100."
    return "It asks the lowest price of all compliant bids."
