"""What a challenge costs, by what is challenged and by the value at stake. Pure."""

from decimal import ROUND_CEILING, Decimal
from typing import Literal

import msgspec

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused, invalid
from procurement.rulebooks.rules import ChallengeFee, Rulebook

Against = Literal["terms", "decisions"]
"""The terms of a call, until bids are opened; or what was decided after that."""


class Fees(msgspec.Struct, frozen=True):
    """What a challenge costs where so much is at stake, by what it is brought against."""

    value: Money
    terms: Money
    decisions: Money


def fees_of(rulebook: Rulebook, typed: str) -> Fees:
    """For a value as a person or a program writes it. Refused("form-invalid", 422) names the field `value`."""
    try:
        value = Money.parse(typed, rulebook.currency)
    except Refused as no:
        raise invalid("The value needs another look.", value=no.detail) from None
    return Fees(value, fee_of(rulebook, "terms", value), fee_of(rulebook, "decisions", value))


def fee_of(rulebook: Rulebook, against: Against, value: Money) -> Money:
    """The fee by this rulebook; nothing where it asks none.

    `value` is the estimate of what is challenged: the lot's where a lot is concerned, else the tender's.
    Refused("form-invalid", 422) for less than nothing and for another currency than the rulebook's.
    """
    if value.amount < 0:
        raise invalid("The value needs another look.", value="A value is not negative.")
    if value.currency != rulebook.currency:
        raise invalid("The value needs another look.", value=f"Give the value in {rulebook.currency}.")
    if rulebook.challenge_fee is None:
        return Money(0, rulebook.currency)
    return _fee(rulebook.challenge_fee, against, value)


def _fee(rules: ChallengeFee, against: Against, value: Money) -> Money:
    """A share of the value, rounded up to the next step; then never below the least, never above the most."""
    band = rules.terms if against == "terms" else rules.decisions
    rounded = _round_up(value.decimal() * band.rate, rules.round_up_to)
    return Money.rounded(min(max(rounded, band.least), band.most), value.currency)


def _round_up(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value(ROUND_CEILING) * step
