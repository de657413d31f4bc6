"""Abnormally low prices: asked, answered, decided by a person with a reason. No price is rejected by arithmetic."""

from procurement.evaluation.rules.abnormally_low import suspicious
from procurement.evaluation.rules.committee import must_be_going_on, must_chair
from procurement.evaluation.rules.facts import LowPriceDecided, LowPriceExplained, LowPriceQuestioned
from procurement.evaluation.rules.state import Candidate, Evaluation, LowPrice, Terms, responsive
from procurement.kernel.refusal import Refused, invalid


def flagged(terms: Terms, candidates: tuple[Candidate, ...], evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    """The (bid id, lot) pairs that the rulebook's test points at, among all responsive bids."""
    if terms.low_price is None:
        return ()
    compared = responsive(candidates, evaluation)
    return tuple(
        (bid_id, lot)
        for lot in terms.lots
        for bid_id in suspicious(
            terms.low_price, {c.bid_id: c.prices[lot].decimal() for c in compared if lot in c.prices}
        )
    )


def question(
    terms: Terms,
    candidates: tuple[Candidate, ...],
    evaluation: Evaluation,
    person: str,
    bid_id: str,
    lot: str,
    text: str,
) -> LowPriceQuestioned:
    """The chair asks the bidder to explain a price that was flagged."""
    must_be_going_on(evaluation)
    must_chair(evaluation, person)
    if (bid_id, lot) not in flagged(terms, candidates, evaluation):
        raise Refused("price-not-flagged", "This price is not abnormally low by the rules of this tender.")
    if evaluation.low_price(bid_id, lot) is not None:
        raise Refused("already-asked", "The bidder has already been asked about this price.")
    if not text:
        raise invalid("Write the question.", question="Ask what explains the price.")
    return LowPriceQuestioned(tender=terms.tender_id, bid=bid_id, lot=lot, question=text)


def explain(evaluation: Evaluation, tender_id: str, bid_id: str, lot: str, answer: str) -> LowPriceExplained:
    """The bidder answers, once."""
    must_be_going_on(evaluation)
    asked = must_be_asked(evaluation, bid_id, lot)
    if asked.answer or asked.accepted is not None:
        raise Refused("already-answered", "This question has been answered.")
    if not answer:
        raise invalid("Write the answer.", answer="Explain how you can deliver for this price.")
    return LowPriceExplained(tender=tender_id, bid=bid_id, lot=lot, answer=answer)


def decide(
    evaluation: Evaluation, tender_id: str, person: str, bid_id: str, lot: str, *, accepted: bool, reason: str
) -> LowPriceDecided:
    """The chair accepts the price or refuses the bid because of it; a refusal needs an answer or its absence said."""
    must_be_going_on(evaluation)
    must_chair(evaluation, person)
    asked = must_be_asked(evaluation, bid_id, lot)
    if asked.accepted is not None:
        raise Refused("already-decided", "This price has been decided.")
    if not reason:
        raise invalid("Give a reason.", reason="Say why. The bidder will read it.")
    return LowPriceDecided(tender=tender_id, bid=bid_id, lot=lot, accepted=accepted, reason=reason)


def must_be_asked(evaluation: Evaluation, bid_id: str, lot: str) -> LowPrice:
    asked = evaluation.low_price(bid_id, lot)
    if asked is None:
        raise Refused("price-not-asked", "Nothing has been asked about this price. Ask the bidder first.")
    return asked
