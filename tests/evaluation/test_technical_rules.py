"""Who passes the technical evaluation, and what is fixed once it was proposed and decided."""

from collections.abc import Callable
from decimal import Decimal as D
from functools import partial

import pytest
from evaluating import ADLER, BRIGHTWATER, CANDIDATES, CELLS, CHECKED, HARBOUR, METHOD, NOON, TEAM, TERMS, locked
from msgspec.structs import replace

from procurement.evaluation.rules import compliance, conclusion, scores, technical
from procurement.evaluation.rules.matrix import matrix
from procurement.evaluation.rules.state import Agreed, Candidate, Evaluation, Score, Technical, Verdict
from procurement.kernel.refusal import Refused

APART = replace(TERMS, prices_apart=True, least_quality=D("0.60"))
SEALED = tuple(replace(one, prices={}, sealed_lots=("",)) for one in CANDIDATES)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as no:
        act()
    return no.value.code


def scored(**quality: int) -> Evaluation:
    """Both evaluators gave the same; bid id -> score on each criterion."""
    sheet = {cell: Score(quality[cell[0].removeprefix("bid-")], "Because.") for cell in CELLS}
    return replace(locked(), sheets={"chair": sheet, "second": sheet})


JUDGED = scored(adler=9, harbour=6, brightwater=5)
PROPOSED = replace(JUDGED, technical=Technical("chair", NOON))
DECIDED = replace(JUDGED, technical=Technical("chair", NOON, NOON))


def test_who_reaches_the_least_points_for_quality_passes() -> None:
    assert technical.propose(APART, SEALED, JUDGED, "chair").passed == [ADLER, HARBOUR]
    points = {one.bid_id: (one.points, one.most, one.passed) for one in technical.judged(APART, SEALED, JUDGED)}
    assert points[HARBOUR] == (D("24.00"), D(40), True)
    assert points[BRIGHTWATER] == (D("20.00"), D(40), False)


def test_without_a_least_everybody_passes_who_complies() -> None:
    any_quality = replace(APART, least_quality=None)
    failed = replace(JUDGED, verdicts=JUDGED.verdicts | {ADLER: Verdict(False, "No.")})
    assert technical.passed(any_quality, SEALED, failed) == [(HARBOUR, ""), (BRIGHTWATER, "")]


def test_a_result_is_proposed_by_the_chair_when_all_is_checked_and_agreed() -> None:
    assert refusal(lambda: technical.propose(APART, SEALED, JUDGED, "second")) == "chair-only"
    assert refusal(lambda: technical.propose(APART, SEALED, CHECKED, "chair")) == "evaluation-open"
    assert refusal(lambda: technical.propose(APART, SEALED, locked(7, 3), "chair")) == "evaluation-open"
    assert refusal(lambda: technical.propose(TERMS, CANDIDATES, locked(), "chair")) == "envelopes-one"
    assert refusal(lambda: technical.propose(APART, SEALED, PROPOSED, "chair")) == "technical-proposed"


def test_somebody_else_decides_once() -> None:
    assert refusal(lambda: technical.must_be_decidable(locked(), "pia")) == "technical-unproposed"
    assert refusal(lambda: technical.must_be_decidable(PROPOSED, "chair")) == "same-person"
    assert technical.must_be_decidable(PROPOSED, "pia").proposed_by == "chair"
    assert refusal(lambda: technical.must_be_decidable(DECIDED, "pia")) == "technical-decided"


def test_a_proposal_is_sent_back_with_a_reason() -> None:
    assert refusal(lambda: technical.send_back(APART, PROPOSED, "pia", "")) == "form-invalid"
    assert technical.send_back(APART, PROPOSED, "pia", "Score 3 is missing.").returned_by == "pia"
    assert refusal(lambda: technical.send_back(APART, DECIDED, "pia", "Too late.")) == "technical-decided"


def test_from_the_proposal_on_neither_checks_nor_scores_change() -> None:
    for held in (PROPOSED, DECIDED):
        assert refusal(partial(fail_adler, held)) == "technical-proposed"
        agreeing = partial(scores.agree, CELLS, held, "2026-0418", "chair", (ADLER, METHOD.id), 9, "Better.")
        assert refusal(agreeing) == "technical-proposed"


def fail_adler(held: Evaluation) -> object:
    words = "Now that prices are known."
    return compliance.decide(SEALED, held, "2026-0418", "chair", ADLER, compliant=False, reason=words)


def test_nothing_is_concluded_before_the_decision_and_the_prices() -> None:
    assert conclusion.still_open(APART, SEALED, JUDGED).technical == 1
    waiting = conclusion.still_open(APART, after_decision(SEALED), DECIDED)
    assert (waiting.technical, waiting.prices, waiting.nothing) == (0, 1, False)
    assert conclusion.still_open(APART, after_decision(CANDIDATES), DECIDED).nothing
    assert refusal(lambda: conclusion.conclude(APART, after_decision(SEALED), DECIDED, "chair")) == "evaluation-open"


def after_decision(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Brightwater did not pass, so its price stays sealed."""
    return tuple(
        replace(one, prices={}, sealed_lots=("",), below=("",)) if one.bid_id == BRIGHTWATER else one
        for one in candidates
    )


def test_who_stayed_below_is_out_without_a_price_and_is_told_why() -> None:
    _, ranked = conclusion.conclude(APART, after_decision(CANDIDATES), DECIDED, "chair")
    assert [(one.bid_id, one.rank, one.price.amount) for one in ranked] == [
        (ADLER, 1, 10000),
        (HARBOUR, 2, 12000),
        (BRIGHTWATER, 0, 0),
    ]
    assert ranked[-1].reasons == conclusion.BELOW


def test_a_price_that_could_not_be_read_is_out_with_its_problem() -> None:
    spoiled = (replace(SEALED[0], problem="The price list cannot be read."), *CANDIDATES[1:])
    _, ranked = conclusion.conclude(APART, spoiled, DECIDED, "chair")
    assert [(one.bid_id, one.reasons) for one in ranked if not one.rank] == [(ADLER, "The price list cannot be read.")]


def test_while_prices_are_sealed_the_matrix_has_scores_and_no_price() -> None:
    shown = matrix(APART, SEALED, JUDGED, "")
    price, method, _ = shown.rows
    assert [field.score for field in price.fields] == [None, None, None]
    assert [field.score for field in method.fields] == [9, 6, 5]


def test_a_sealed_bid_is_scored_in_the_lot_that_it_bids_for() -> None:
    in_lot = replace(APART, lots=("1",), criteria=tuple(replace(one, lot="1") for one in APART.criteria))
    bidding = tuple(replace(one, sealed_lots=("1",)) for one in SEALED)
    assert scores.grid(in_lot, bidding, CHECKED) == CELLS
    assert isinstance(scores.agreement(locked(), CELLS[0]), Agreed)


def test_where_there_are_several_lots_each_bid_is_judged_in_each_lot_that_it_is_for() -> None:
    roads, kerbs = replace(METHOD, lot="1"), replace(TEAM, lot="2")
    lots = replace(APART, lots=("1", "2"), criteria=(roads, kerbs))
    adler, harbour, brightwater = SEALED
    bidding = (
        replace(adler, sealed_lots=("1", "2")),
        replace(harbour, sealed_lots=("1",)),
        replace(brightwater, sealed_lots=("2",)),
    )
    scored_in = {(ADLER, METHOD.id): 9, (ADLER, TEAM.id): 5, (HARBOUR, METHOD.id): 6, (BRIGHTWATER, TEAM.id): 8}
    assert set(scores.grid(lots, bidding, CHECKED)) == set(scored_in)
    sheet = {cell: Score(value, "Because.") for cell, value in scored_in.items()}
    held = replace(locked(), sheets={"chair": sheet, "second": sheet})
    proposed = technical.propose(lots, bidding, held, "chair")
    assert proposed.passed == [ADLER, HARBOUR, BRIGHTWATER]
    assert proposed.lots == {"1": [ADLER, HARBOUR], "2": [BRIGHTWATER]}
    judged = {(one.bid_id, one.lot): (one.points, one.most) for one in technical.judged(lots, bidding, held)}
    assert judged[ADLER, "1"] == (D("27.00"), D(30)) and judged[ADLER, "2"] == (D("5.00"), D(10))
    failed = replace(held, verdicts=held.verdicts | {ADLER: Verdict(False, "No.")})
    assert technical.passed(lots, bidding, failed) == [(HARBOUR, "1"), (BRIGHTWATER, "2")]


def test_a_price_of_one_lot_is_waited_for_and_a_bid_is_out_in_that_lot_alone() -> None:
    lots = replace(APART, lots=("1", "2"))
    price = CANDIDATES[0].prices[""]
    both = replace(SEALED[0], sealed_lots=("1", "2"), prices={"1": price})
    assert both.is_sealed("2") and not both.is_sealed("1")
    held = replace(DECIDED, verdicts={ADLER: Verdict(True, "Complete.")})
    assert conclusion.still_open(lots, (both,), held).prices == 1
    shut = replace(both, shut_lots={"2": "The price list cannot be read."})
    below = replace(both, below=("2",))
    for one, why in ((shut, "The price list cannot be read."), (below, conclusion.BELOW)):
        assert conclusion.still_open(lots, (one,), held).prices == 0
        ranked = [(each.lot, each.rank, each.reasons) for each in conclusion.ranking(lots, (one,), held)]
        assert ranked == [("1", 1, ""), ("2", 0, why)]
    only = replace(both, sealed_lots=("1",))
    assert [each.lot for each in conclusion.ranking(lots, (only,), held)] == ["1"], "never for what it is not for"
