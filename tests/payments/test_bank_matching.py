"""What a line turns out to be: only what is certain by itself, the rest with a reason for a person."""

from datetime import date
from typing import Any

import pytest
from bank_files import THEIRS, reference
from hypothesis import given
from hypothesis import strategies as st

from procurement.kernel.money import Money
from procurement.payments.rules.matching import Asked, Earlier, Going, Known, Outcome, Verdict, Why, judge
from procurement.payments.rules.statement import Line

REF, OTHER = reference(123456789012345), reference(42)
ASKED = Known(charges=(Asked("charge-1", REF, Money(500_00, "EUR")), Asked("charge-2", OTHER, Money(70_00, "EUR"))))
REFUND = Going("refund-1", reference(99), Money(70_00, "EUR"), THEIRS, sent=False)


def line(cents: int = 500_00, **said: Any) -> Line:
    return Line(number=1, booked_on=date(2026, 11, 20), money=Money(cents, "EUR"), **said)


@pytest.mark.parametrize(
    "said",
    [
        {"reference": REF},
        {"text": f"Deposit for tender 7, {REF.lower()}, thank you"},
        {"text": " ".join(REF)},
        {"text": f"{REF[:4]} {REF[4:8]}-{REF[8:12]}/{REF[12:]}2026"},
        {"text": f"XRF{REF}"},
        {"end_to_end": REF, "text": "deposit"},
        {"reference": REF, "text": f"{REF} {REF}"},
    ],
)
def test_one_reference_of_ours_is_enough(said: dict[str, str]) -> None:
    assert judge(line(**said), ASKED) == Verdict(Outcome.PAID, charge="charge-1")


@pytest.mark.parametrize("cents", [1, 499_99, 500_01, 900_00])
def test_less_and_more_are_payments_for_it_too(cents: int) -> None:
    assert judge(line(cents, reference=REF), ASKED) == Verdict(Outcome.PAID, charge="charge-1")


def test_two_references_are_for_a_person() -> None:
    assert judge(line(text=f"{REF} and {OTHER}"), ASKED) == Verdict(Outcome.PERSON, Why.SEVERAL_REFERENCES)


def test_a_mistyped_reference_is_never_corrected() -> None:
    swapped = REF[:-2] + REF[-1] + REF[-2]
    assert judge(line(70_01, reference=swapped), ASKED) == Verdict(Outcome.PERSON, Why.WRONG_REFERENCE)
    proposed = judge(line(reference=swapped), ASKED)
    assert proposed == Verdict(Outcome.PERSON, Why.WRONG_REFERENCE, charge="charge-1")


def test_a_right_reference_that_nobody_asked_for_is_for_a_person() -> None:
    assert judge(line(1, reference=reference(5)), ASKED) == Verdict(Outcome.PERSON, Why.UNKNOWN_REFERENCE)


def test_without_a_reference_the_only_charge_of_that_amount_is_proposed_and_no_more() -> None:
    assert judge(line(text="deposit"), ASKED) == Verdict(Outcome.PERSON, Why.ONE_FITS, charge="charge-1")
    two = Known(charges=(*ASKED.charges, Asked("charge-3", reference(8), Money(500_00, "EUR"))))
    assert judge(line(text="deposit"), two) == Verdict(Outcome.PERSON, Why.NO_REFERENCE)
    assert judge(line(text="deposit"), Known()) == Verdict(Outcome.PERSON, Why.NO_REFERENCE)


def test_a_charge_in_another_currency_is_for_a_person() -> None:
    known = Known(charges=(Asked("charge-9", REF, Money(500_00, "SEK")),))
    assert judge(line(reference=REF), known) == Verdict(Outcome.PERSON, Why.OTHER_CURRENCY, charge="charge-9")


def test_a_refund_that_went_out_is_known_by_its_reference_and_amount() -> None:
    known = Known(refunds=(REFUND,))
    assert judge(line(-70_00, reference=REFUND.reference), known) == Verdict(Outcome.REFUND_SENT, refund="refund-1")
    other = judge(line(-69_00, reference=REFUND.reference), known)
    assert other == Verdict(Outcome.PERSON, Why.OTHER_AMOUNT, refund="refund-1")
    proposed = judge(line(-70_00, account=THEIRS), known)
    assert proposed == Verdict(Outcome.PERSON, Why.ONE_FITS, refund="refund-1")
    assert judge(line(-70_00), known) == Verdict(Outcome.PERSON, Why.WENT_OUT)


def test_a_refund_goes_once_and_returns_only_after_it_went() -> None:
    gone = Known(refunds=(Going("refund-1", REFUND.reference, REFUND.money, THEIRS, sent=True),))
    back = line(70_00, reference=REFUND.reference, returned=True)
    assert judge(back, gone) == Verdict(Outcome.REFUND_RETURNED, refund="refund-1")
    assert judge(back, Known(refunds=(REFUND,))).outcome is Outcome.PERSON
    assert judge(line(-70_00, reference=REFUND.reference), gone).outcome is Outcome.PERSON


def test_a_reversal_undoes_the_one_line_that_the_bank_names_alike() -> None:
    payment = Earlier(Money(500_00, "EUR"), "A1", payment="payment-1")
    refund = Earlier(Money(-70_00, "EUR"), "A2", refund="refund-1")
    known = Known(charges=ASKED.charges, earlier=(payment, refund))
    undone = judge(line(-500_00, bank_reference="A1", reversal=True, reference=REF), known)
    assert undone == Verdict(Outcome.TAKEN_BACK, payment="payment-1")
    returned = judge(line(70_00, bank_reference="A2", reversal=True), known)
    assert returned == Verdict(Outcome.REFUND_RETURNED, refund="refund-1")
    for unclear in (
        line(-500_00, bank_reference="A9", reversal=True),
        line(-400_00, bank_reference="A1", reversal=True),
        line(500_00, reversal=True, reference=REF),
    ):
        assert judge(unclear, known) == Verdict(Outcome.PERSON, Why.REVERSAL)


WORDS = st.text(st.characters(codec="utf-8"), max_size=60)


@given(WORDS, WORDS, st.integers(1, 10**12), st.lists(st.sampled_from([" ", "-", ".", "/", "\u00a0"]), max_size=5))
def test_wherever_a_reference_stands_it_is_found(before: str, after: str, cents: int, gaps: list[str]) -> None:
    written = REF
    for place, gap in enumerate(gaps):
        written = written[: 3 + 3 * place] + gap + written[3 + 3 * place :]
    assert judge(line(cents, text=f"{before} {written} {after}"), ASKED).charge == "charge-1"


@given(WORDS, WORDS, st.integers(-(10**12), 10**12).filter(bool), st.booleans(), st.booleans())
def test_nothing_is_booked_without_a_reference_of_ours(
    reference_: str, text: str, cents: int, reversal: bool, returned: bool
) -> None:
    said = line(cents, reference=reference_, text=text, reversal=reversal, returned=returned)
    assert judge(said, Known(charges=ASKED.charges, refunds=(REFUND,))).outcome is Outcome.PERSON


@given(st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_figure_is_always_noticed(place: int, by: int) -> None:
    if place > 1:
        wrong = REF[:place] + str((int(REF[place]) + by) % 10) + REF[place + 1 :]
        assert judge(line(1, reference=wrong), ASKED).why is Why.WRONG_REFERENCE
