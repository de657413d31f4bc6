"""Who may do what in an evaluation, and when. Each refusal has its test."""

from collections.abc import Callable

import pytest
from evaluating import (
    ADLER,
    BRIGHTWATER,
    CANDIDATES,
    CELLS,
    CHECKED,
    CLEARED,
    HARBOUR,
    LOWEST_PRICE,
    METHOD,
    NOON,
    TERMS,
    agreed,
    candidate,
    locked,
    sheet,
)
from msgspec.structs import replace

from procurement.evaluation.rules import committee, compliance, conclusion, low_prices, scores
from procurement.evaluation.rules.state import Evaluation, Evaluator, LowPrice, Score, Terms, Verdict
from procurement.kernel.refusal import Refused

TENDER = TERMS.tender_id
CONCLUDED = replace(CHECKED, concluded_at=NOON)
UNDECLARED = Evaluation(evaluators=(Evaluator("chair", True), Evaluator("second")))
CONFLICTED = Evaluation(evaluators=(Evaluator("chair", True, NOON), Evaluator("second", False, NOON, conflict=True)))
CELL = (ADLER, METHOD.id)
# One price is 60 among three of 100 and more: flagged by the rulebook's test.
LOW = (*CANDIDATES, candidate("bid-low", "50", 4))
LOW_CHECKED = replace(CHECKED, verdicts={c.bid_id: Verdict(True, "Complete.") for c in LOW})
ASKED = replace(LOW_CHECKED, low_prices=(LowPrice("bid-low", "", "How?"),))
DECIDED = replace(LOW_CHECKED, low_prices=(LowPrice("bid-low", "", "How?", "Own quarry.", True, "Shown."),))


def appoint(evaluation: Evaluation, people: list[str], chair: str) -> object:
    return committee.appoint(evaluation, TENDER, people, chair, {"chair", "second", "third"})


def declare(evaluation: Evaluation, person: str, conflict: bool = False, statement: str = "") -> object:
    return committee.declare(evaluation, TENDER, person, conflict=conflict, statement=statement)


def check(
    evaluation: Evaluation, person: str = "chair", bid: str = ADLER, ok: bool = True, why: str = "Met."
) -> object:
    bids = (*CANDIDATES, candidate("bid-broken", "1", problem="the file is damaged"))
    return compliance.decide(bids, evaluation, TENDER, person, bid, compliant=ok, reason=why)


def may_score(evaluation: Evaluation, person: str = "chair", terms: Terms = TERMS) -> None:
    scores.must_be_open_for(terms, CANDIDATES, evaluation, person)


def agree(
    evaluation: Evaluation, person: str = "chair", cell: tuple[str, str] = CELL, score: int = 7, why: str = "So."
) -> object:
    return scores.agree(CELLS, evaluation, TENDER, person, cell, score, why)


def ask(evaluation: Evaluation, person: str = "chair", bid: str = "bid-low", text: str = "How?") -> object:
    return low_prices.question(TERMS, LOW, evaluation, person, bid, "", text)


def settle(evaluation: Evaluation, person: str = "chair", why: str = "Shown.") -> object:
    return low_prices.decide(evaluation, TENDER, person, "bid-low", "", accepted=True, reason=why)


def explain(evaluation: Evaluation, answer: str = "Own quarry.") -> object:
    return low_prices.explain(evaluation, TENDER, "bid-low", "", answer)


def conclude(evaluation: Evaluation, person: str = "chair") -> object:
    return conclusion.conclude(TERMS, CANDIDATES, evaluation, person)


REFUSALS: dict[str, tuple[str, Callable[[], object]]] = {
    "no evaluator at all": ("form-invalid", lambda: appoint(Evaluation(), [], "chair")),
    "somebody without the role": ("form-invalid", lambda: appoint(Evaluation(), ["stranger"], "stranger")),
    "a chair who is not appointed": ("form-invalid", lambda: appoint(Evaluation(), ["second"], "chair")),
    "a new committee once scoring has begun": ("scoring-begun", lambda: appoint(locked(), ["third"], "third")),
    "somebody with a conflict again": ("conflict-declared", lambda: appoint(CONFLICTED, ["second"], "second")),
    "a new committee after the end": ("evaluation-concluded", lambda: appoint(CONCLUDED, ["third"], "third")),
    "a declaration of somebody else": ("not-appointed", lambda: declare(UNDECLARED, "third")),
    "a second declaration": ("already-declared", lambda: declare(CLEARED, "chair")),
    "a conflict without a word": ("form-invalid", lambda: declare(UNDECLARED, "chair", conflict=True)),
    "compliance before declaring": ("declaration-needed", lambda: check(UNDECLARED)),
    "compliance with a conflict": ("conflict-declared", lambda: check(CONFLICTED, "second")),
    "compliance by a stranger": ("not-appointed", lambda: check(CLEARED, "third")),
    "compliance without a reason": ("form-invalid", lambda: check(CLEARED, why="")),
    "compliance of a bid that is not there": ("bid-unknown", lambda: check(CLEARED, bid="bid-nobody")),
    "passing a bid nobody can read": ("bid-unreadable", lambda: check(CLEARED, bid="bid-broken")),
    "compliance after a lock": ("scores-locked", lambda: check(locked())),
    "compliance after the end": ("evaluation-concluded", lambda: check(CONCLUDED)),
    "scores where price alone decides": ("no-scores", lambda: may_score(CHECKED, terms=LOWEST_PRICE)),
    "scores before all declared": ("declarations-missing", lambda: may_score(
        Evaluation(evaluators=(Evaluator("chair", True, NOON), Evaluator("second"))))),
    "scores beside a conflict": ("evaluator-to-replace", lambda: may_score(CONFLICTED)),
    "scores before compliance": ("compliance-open", lambda: may_score(CLEARED)),
    "scores by a stranger": ("not-appointed", lambda: may_score(CHECKED, "third")),
    "scores after the lock": ("sheet-locked", lambda: may_score(locked())),
    "scores after the end": ("evaluation-concluded", lambda: may_score(CONCLUDED)),
    "a score above 10": ("form-invalid", lambda: scores.check(CELLS, {CELL: Score(11)})),
    "a score below 0": ("form-invalid", lambda: scores.check(CELLS, {CELL: Score(-1)})),
    "a score off the grid": ("form-invalid", lambda: scores.check(CELLS, {("bid-nobody", "method"): Score(1)})),
    "locking half a sheet": ("form-invalid", lambda: scores.lock(CELLS, TENDER, "chair", {CELL: Score(5, "Good.")})),
    "consensus before the locks": ("scores-not-locked", lambda: agree(CHECKED)),
    "consensus by another": ("chair-only", lambda: agree(locked(6, 8), "second")),
    "consensus without a reason": ("form-invalid", lambda: agree(locked(6, 8), why="")),
    "consensus above 10": ("form-invalid", lambda: agree(locked(6, 8), score=11)),
    "consensus off the grid": ("form-invalid", lambda: agree(locked(6, 8), cell=("bid-nobody", "method"))),
    "consensus against all": ("already-unanimous", lambda: agree(locked(7, 7))),
    "consensus after the end": ("evaluation-concluded", lambda: agree(replace(locked(6, 8), concluded_at=NOON))),
    "a question about an ordinary price": ("price-not-flagged", lambda: ask(LOW_CHECKED, bid=ADLER)),
    "a question by another": ("chair-only", lambda: ask(LOW_CHECKED, "second")),
    "an empty question": ("form-invalid", lambda: ask(LOW_CHECKED, text="")),
    "the same question twice": ("already-asked", lambda: ask(ASKED)),
    "an answer nobody asked for": ("price-not-asked", lambda: explain(LOW_CHECKED)),
    "an empty answer": ("form-invalid", lambda: explain(ASKED, "")),
    "a second answer": ("already-answered", lambda: explain(DECIDED)),
    "a decision before the question": ("price-not-asked", lambda: settle(LOW_CHECKED)),
    "a decision without a reason": ("form-invalid", lambda: settle(ASKED, why="")),
    "a decision by another": ("chair-only", lambda: settle(ASKED, "second")),
    "a second decision": ("already-decided", lambda: settle(DECIDED)),
    "an end without evaluators": ("evaluators-missing", lambda: conclude(Evaluation())),
    "an end by another": ("chair-only", lambda: conclude(locked(), "second")),
    "an end with open compliance": ("evaluation-open", lambda: conclude(replace(locked(), verdicts={}))),
    "an end with open scores": ("evaluation-open", lambda: conclude(CHECKED)),
    "an end without consensus": ("evaluation-open", lambda: conclude(locked(6, 8))),
    "an end with an open question": ("evaluation-open", lambda: conclusion.conclude(
        LOWEST_PRICE, LOW, ASKED, "chair")),
    "a second end": ("evaluation-concluded", lambda: conclude(CONCLUDED)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_is(name: str) -> None:
    code, attempt = REFUSALS[name]
    with pytest.raises(Refused) as no:
        attempt()
    assert no.value.code == code


def test_a_replaced_committee_keeps_what_was_declared_out() -> None:
    fact = committee.appoint(CONFLICTED, TENDER, ["third", "chair"], "chair", {"chair", "second", "third"})
    assert (fact.evaluators, fact.chair) == (["chair", "third"], "chair")


def test_scores_of_others_are_hidden_until_every_sheet_is_locked() -> None:
    evaluators = (replace(CLEARED.evaluators[0], locked_at=NOON), CLEARED.evaluators[1])
    half = replace(CHECKED, evaluators=evaluators, sheets={"chair": sheet(7), "second": sheet(7)})
    assert not half.revealed
    assert scores.agreement(half, CELL) is None
    assert locked().revealed


def test_what_everyone_gave_is_agreed_with_the_words_of_the_chair() -> None:
    agreement = scores.agreement(locked(7, 7), CELL)
    assert agreement and (agreement.value, agreement.reason) == (7, "Because.")


def test_the_lock_binds_every_score_and_comment() -> None:
    fact = scores.lock(CELLS, TENDER, "chair", sheet(7))
    changed = {**sheet(7), CELL: Score(7, "Because!")}
    assert fact.sheet_sha256 != scores.lock(CELLS, TENDER, "chair", changed).sheet_sha256


def test_an_incomplete_sheet_names_each_missing_field() -> None:
    half = {**sheet(7), CELL: Score(None, "")}
    with pytest.raises(Refused) as no:
        scores.lock(CELLS, TENDER, "chair", half)
    assert set(no.value.fields) == {scores.field(CELL), scores.field(CELL, "comment")}


def test_the_best_total_leads_and_points_come_from_price_and_quality() -> None:
    given = {**agreed(5), (HARBOUR, "method"): replace(agreed(10)[CELL]), (HARBOUR, "team"): replace(agreed(10)[CELL])}
    evaluation = replace(locked(4, 6), agreed=given)
    fact, ranked = conclusion.conclude(TERMS, CANDIDATES, evaluation, "chair")
    assert [(r.bid_id, r.rank, str(r.score)) for r in ranked] == [
        (HARBOUR, 1, "90.00"),  # 60 x 100/120 + 30 + 10
        (ADLER, 2, "80.00"),  # 60 + 15 + 5
        (BRIGHTWATER, 3, "60.00"),  # 60 x 100/150 + 15 + 5
    ]
    assert [line.score for line in fact.ranking] == ["90.00", "80.00", "60.00"]


def test_where_price_decides_the_lowest_leads_without_scores() -> None:
    _fact, ranked = conclusion.conclude(LOWEST_PRICE, CANDIDATES, CHECKED, "chair")
    assert [(r.bid_id, r.rank, r.score) for r in ranked] == [(ADLER, 1, 0), (HARBOUR, 2, 0), (BRIGHTWATER, 3, 0)]


def test_a_bid_that_failed_is_listed_without_a_rank_and_prices_are_compared_without_it() -> None:
    failed = {**CHECKED.verdicts, ADLER: Verdict(False, "No insurance.")}
    fact, ranked = conclusion.conclude(LOWEST_PRICE, CANDIDATES, replace(CHECKED, verdicts=failed), "chair")
    assert [(r.bid_id, r.rank) for r in ranked] == [(HARBOUR, 1), (BRIGHTWATER, 2), (ADLER, 0)]
    assert fact.ranking[-1].reason == "No insurance."


def test_when_every_bid_fails_nobody_leads() -> None:
    failed = {bid: Verdict(False, "No.") for bid in CHECKED.verdicts}
    _fact, ranked = conclusion.conclude(TERMS, CANDIDATES, replace(CHECKED, verdicts=failed), "chair")
    assert conclusion.EvaluationResult(NOON, ranked).best("") == ()


def test_a_low_price_is_flagged_and_stays_ranked_when_accepted() -> None:
    assert low_prices.flagged(TERMS, LOW, LOW_CHECKED) == (("bid-low", ""),)
    _fact, ranked = conclusion.conclude(LOWEST_PRICE, LOW, DECIDED, "chair")
    assert ranked[0].bid_id == "bid-low"


def test_a_low_price_that_was_not_explained_is_out_with_the_reason() -> None:
    refused = replace(DECIDED, low_prices=(LowPrice("bid-low", "", "How?", "", False, "No answer came."),))
    _fact, ranked = conclusion.conclude(LOWEST_PRICE, LOW, refused, "chair")
    assert (ranked[-1].bid_id, ranked[-1].rank, ranked[-1].reasons) == ("bid-low", 0, "No answer came.")


def test_a_bid_nobody_could_read_is_out_of_every_lot_with_the_reason() -> None:
    broken = replace(candidate("bid-broken", "1", problem="the file is damaged"), prices={})
    verdicts = {**CHECKED.verdicts, "bid-broken": Verdict(False, "The file is damaged.")}
    bids = (*CANDIDATES, broken)
    _fact, ranked = conclusion.conclude(LOWEST_PRICE, bids, replace(CHECKED, verdicts=verdicts), "chair")
    assert (ranked[-1].bid_id, ranked[-1].rank, str(ranked[-1].price)) == ("bid-broken", 0, "0.00 EUR")
