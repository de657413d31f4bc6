"""Charges, references, refunds and the books as sentences: no database, no clock."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tendering import MODEL_LAW

from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules import books, charges, references, refunds
from procurement.payments.rules.books import Account, Balance
from procurement.payments.rules.charges import Figures
from procurement.payments.rules.refunds import Source
from procurement.rulebooks import rules as rulebooks

LAW = rulebooks.read(MODEL_LAW)


@pytest.mark.parametrize("_", range(50))
def test_a_reference_is_read_as_it_is_shown_and_mistakes_are_told(_: int) -> None:
    reference = references.reference_of(new_id())
    assert references.read(references.shown(reference).lower()) == reference
    digit = reference[-1]
    with pytest.raises(Refused, match="Check the reference"):
        references.read(reference[:-1] + ("1" if digit != "1" else "2"))


def test_a_reference_is_that_of_the_standard() -> None:
    assert references.read("rf18 5390 0754 7034") == "RF18539007547034"
    for wrong in ("", "RF", "RF18", "5390", "RF18 5390 0754 7034 5390 0754 7034", "RF19 5390 0754 7034"):
        with pytest.raises(Refused):
            references.read(wrong)


@pytest.mark.parametrize(
    ("figures", "cancelled", "state"),
    [
        (Figures(100), False, "asked"),
        (Figures(100), True, "cancelled"),
        (Figures(100, paid=60), False, "asked"),
        (Figures(100, paid=100), False, "paid"),
        (Figures(100, paid=100, promised=100), True, "returning"),
        (Figures(100, paid=100, returned=100), True, "returned"),
        (Figures(100, paid=100, returned=100), False, "asked"),
        (Figures(100, paid=100, kept=100), False, "kept"),
        (Figures(100, paid=100, kept=40), False, "paid"),
        (Figures(100, paid=100, disputed=100, promised=0), False, "disputed"),
    ],
)
def test_the_state_follows_from_the_figures(figures: Figures, cancelled: bool, state: str) -> None:
    assert charges.state(figures, cancelled=cancelled) == state


def test_what_is_too_much_is_what_nobody_asked_for() -> None:
    assert Figures(100, paid=130).excess(cancelled=False) == 30
    assert Figures(100, paid=130, promised=30).excess(cancelled=False) == 0
    assert Figures(100, paid=100, keeping=60).excess(cancelled=True) == 40, "what somebody wants to keep stays"
    assert Figures(100, paid=100, disputed=100).excess(cancelled=True) == 0
    assert Figures(100, paid=60).owed == 40


def test_a_refund_is_taken_from_what_came_last() -> None:
    free = [Source("new", 30), Source("empty", 0), Source("old", 80)]
    assert refunds.shares(free, 50) == [("new", 30), ("old", 20)]
    with pytest.raises(Refused) as no:
        refunds.shares(free, 111)
    assert no.value.code == "refund-too-much"


@pytest.mark.parametrize(
    ("money", "ordered", "people"),
    [
        (Money(5_000_00, "EUR"), True, 0),
        (Money(5_000_00, "EUR"), False, 1),
        (Money(5_000_01, "EUR"), False, 2),
        (Money(5_000_01, "EUR"), True, 2),
        (Money(1, "JPY"), True, 2),
    ],
)
def test_how_many_decide_follows_from_the_rulebook(money: Money, ordered: bool, people: int) -> None:
    assert refunds.people_needed(LAW, money, ordered=ordered) == people


def test_a_rulebook_without_a_limit_asks_two_always() -> None:
    [section] = re.findall(rb"\[approvals\.refund\].*\nabove = .*\nsource = .*\n", MODEL_LAW)
    old = rulebooks.read(MODEL_LAW.replace(section, b""))
    assert refunds.people_needed(old, Money(1, "EUR"), ordered=True) == 2


amounts = st.integers(1, 10**12)


@given(amount=amounts, covered=st.data(), currency=st.sampled_from(["EUR", "JPY", "KWD"]))
def test_every_entry_sums_to_zero_whatever_happens(amount: int, covered: st.DataObject, currency: str) -> None:
    money = Money(amount, currency)
    part = covered.draw(st.integers(0, amount))
    entries = [
        *(books.received(channel, "p", charge, money) for channel in charges.CHANNELS for charge in ("c", None)),
        books.matched("p", "c", money),
        books.refund_under_way("r", "p", "c", money),
        books.refund_sent("r", "card", money),
        *(books.refund_failed("r", "card", books.owed_to(None, "p"), money, had_gone=gone) for gone in (True, False)),
        books.forfeited("c", money),
        books.earned("c", money),
        books.dispute_opened("d", "card", money),
        books.dispute_won("d", "card", money),
        books.dispute_lost("d", books.owed_to("c", "p"), money, part),
        books.paid_out(money),
        books.payout_failed(money),
        books.processing_cost(money),
        books.processing_cost(money * -1),
    ]
    for entry in entries:
        assert sum(posting.money.amount for posting in entry) == 0
        assert {posting.money.currency for posting in entry} == {currency}
        assert all(posting.money.amount for posting in entry), "nothing of nothing is booked"


def test_a_sheet_has_two_equal_sides() -> None:
    found = books.sheets(
        [
            Balance(Account.BANK, Money(70, "EUR")),
            Balance(Account.COSTS, Money(30, "EUR")),
            Balance(Account.HELD, Money(-100, "EUR")),
            Balance(Account.FEES, Money(0, "EUR")),
            Balance(Account.BANK, Money(5, "JPY")),
            Balance(Account.UNMATCHED, Money(-5, "JPY")),
        ]
    )
    assert [(sheet.currency, sheet.total.amount) for sheet in found] == [("EUR", 100), ("JPY", 5)]
    assert found[0].credits == ((Account.HELD, Money(100, "EUR")),)
