"""Amounts as people type them."""

import pytest

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("1240.50", 1240_50), ("1 240,50", 1240_50), ("1,240.50", 1240_50), ("1.240,50", 1240_50), ("0.500", 50)],
)
def test_an_amount_is_read_as_it_was_meant(typed: str, cents: int) -> None:
    assert Money.parse(typed, "EUR") == Money(cents, "EUR")


@pytest.mark.parametrize(("typed", "currency"), [("500,000", "EUR"), ("1.240", "EUR"), ("500.000", "JPY")])
def test_what_can_be_read_in_two_ways_is_not_guessed(typed: str, currency: str) -> None:
    with pytest.raises(Refused, match="two ways"):
        Money.parse(typed, currency)


def test_three_decimals_are_no_thousands_where_the_currency_has_them() -> None:
    assert Money.parse("1.240", "KWD") == Money(1240, "KWD")
