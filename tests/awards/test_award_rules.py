"""When an award is decided, and when it is final."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from procurement.awards import rules
from procurement.awards.rules import Award, Choice, Hold
from procurement.evaluation.rules.conclusion import EvaluationResult
from procurement.evaluation.rules.pricing import ZERO
from procurement.evaluation.rules.ranking import Ranked
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import read

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
ENDS = datetime(2026, 11, 27, tzinfo=UTC)
EUROS = Money(100_00, "EUR")


def ranked(bid: str, rank: int, lot: str = "") -> Ranked:
    return Ranked(bid, f"of-{bid}", lot, rank, ZERO, EUROS, rank > 0, "" if rank else "No insurance.")


RESULT = EvaluationResult(NOON, (ranked("first", 1), ranked("second", 2), ranked("failed", 0)))
TIE = EvaluationResult(NOON, (ranked("first", 1), ranked("drawn", 1)))
NOBODY = EvaluationResult(NOON, (ranked("failed", 0),))
PROPOSED = Award(
    id="award", tender="2026-0418", lot="", supplier="of-first", bid="first", price=EUROS, reason="Best total.",
    proposed_by="olga", proposed_at=NOON,
)  # fmt: skip
ANNOUNCED = replace(PROPOSED, approved_by="pia", announced_at=NOON, standstill_ends=ENDS)
HELD = replace(ANNOUNCED, holds=(Hold("hold", "A challenge.", NOON),))


def propose(
    result: EvaluationResult | None, bid: str = "", reason: str = "Best total.", standing: object = ()
) -> object:
    return rules.propose(
        result,
        standing,
        tender="2026-0418",
        award="award",
        choice=Choice("", bid),
        reason=reason,  # type: ignore[arg-type]
    )


REFUSALS = {
    "an award before the conclusion": ("evaluation-open", lambda: propose(None)),
    "a second proposal": ("award-proposed", lambda: propose(RESULT, standing=(PROPOSED,))),
    "a bid that does not lead": ("bid-not-leading", lambda: propose(RESULT, "second")),
    "a bid that failed": ("bid-not-leading", lambda: propose(RESULT, "failed")),
    "a bid where none is acceptable": ("bid-not-leading", lambda: propose(NOBODY, "failed")),
    "a tie without a choice": ("form-invalid", lambda: propose(TIE)),
    "no reason": ("form-invalid", lambda: propose(RESULT, reason="")),
    "the same person twice": ("same-person", lambda: rules.approve(
        PROPOSED, "olga", needs_two=True, standstill_ends=ENDS)),
    "a second approval": ("award-decided", lambda: rules.approve(
        ANNOUNCED, "pia", needs_two=True, standstill_ends=ENDS)),
    "sending one's own proposal back": ("same-person", lambda: rules.send_back(PROPOSED, "olga", "No.")),
    "sending back without a word": ("form-invalid", lambda: rules.send_back(PROPOSED, "pia", "")),
    "sending an announced award back": ("award-decided", lambda: rules.send_back(ANNOUNCED, "pia", "No.")),
    "a hold on a proposal": ("award-not-announced", lambda: rules.hold(PROPOSED, "h", "Wait.", NOON)),
    "a hold without a reason": ("form-invalid", lambda: rules.hold(ANNOUNCED, "h", "", NOON)),
    "a hold on a final award": ("award-final", lambda: rules.hold(ANNOUNCED, "h", "Wait.", ENDS)),
    "lifting a hold that is not there": ("hold-unknown", lambda: rules.lift(ANNOUNCED, "hold", "Settled.")),
    "lifting without a reason": ("form-invalid", lambda: rules.lift(HELD, "hold", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_is(name: str) -> None:
    code, attempt = REFUSALS[name]
    with pytest.raises(Refused) as no:
        attempt()
    assert no.value.code == code


def test_the_leading_bid_is_proposed_at_its_own_price() -> None:
    fact = rules.propose(RESULT, (), tender="t", award="a", choice=Choice(""), reason="Best total.")
    assert (fact.supplier, fact.bid, fact.price) == ("of-first", "first", EUROS)


def test_of_equal_bids_the_one_that_was_drawn_is_proposed() -> None:
    fact = rules.propose(TIE, (), tender="t", award="a", choice=Choice("", "drawn"), reason="Drawn in public.")
    assert fact.bid == "drawn"


def test_without_an_acceptable_bid_the_proposal_is_to_end_without_award() -> None:
    fact = rules.propose(NOBODY, (), tender="t", award="a", choice=Choice(""), reason="None is insured.")
    assert (fact.supplier, fact.price) == ("", None)


def test_approving_no_award_makes_the_tender_unsuccessful() -> None:
    none = replace(PROPOSED, supplier="", bid="", price=None)
    fact = rules.approve(none, "pia", needs_two=True, standstill_ends=ENDS)
    assert isinstance(fact, rules.TenderUnsuccessful)


def test_the_rulebook_may_let_one_person_decide() -> None:
    assert isinstance(rules.approve(PROPOSED, "olga", needs_two=False, standstill_ends=ENDS), rules.AwardAnnounced)


@pytest.mark.parametrize(
    ("award", "now", "final"),
    [
        (PROPOSED, ENDS, False),
        (ANNOUNCED, ENDS - timedelta(microseconds=1), False),
        (ANNOUNCED, ENDS, True),  # the end itself is outside of the standstill
        (HELD, ENDS + timedelta(days=9), False),
        (replace(HELD, holds=(Hold("hold", "A challenge.", NOON, ENDS),)), ENDS, True),
    ],
)
def test_an_award_is_final_by_the_clock_and_its_holds(award: Award, now: datetime, final: bool) -> None:
    assert award.is_final(now) is final


def test_every_bidder_gets_reasons_of_its_own() -> None:
    reasons = rules.reasons_for_each(RESULT.ranking, ANNOUNCED)
    assert reasons == {
        "of-first": "Best total.",
        "of-second": "Your bid came in place 2. Best total.",
        "of-failed": "Your bid was not compared with the others: No insurance.",
    }


def test_the_standstill_is_counted_by_the_rulebook() -> None:
    """model-law: 10 days after the day of the announcement, moved off weekends: Monday 16 to Thursday 26 November."""
    law = read((Path(__file__).parents[2] / "fixtures" / "rulebooks" / "model-law.toml").read_bytes())
    assert law.after(NOON, law.periods.standstill) == ENDS


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (ENDS, "the end of Thursday 26 November 2026"),
        (ENDS + timedelta(hours=10), "Friday 27 November 2026, 10:00"),
    ],
)
def test_people_are_told_the_last_day_of_the_standstill(ends: datetime, words: str) -> None:
    assert rules.last_day(ends, ZoneInfo("UTC")) == words
