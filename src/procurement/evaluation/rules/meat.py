"""The most economically advantageous tender by a coefficient: features make a price count as lower (ProZorro)."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

import msgspec

from procurement.evaluation.rules.pricing import EXACT, ONE, ZERO


class Feature(msgspec.Struct, frozen=True):
    """`value` is what the bid earned, `maximum` the most the feature can give; both are shares of one."""

    value: Decimal
    maximum: Decimal


def coefficient(features: Sequence[Feature]) -> Decimal:
    """1 + sum of values / (1 - sum of maxima). ValueError when the maxima leave nothing for the price."""
    left_for_price = ONE - sum((f.maximum for f in features), ZERO)
    if left_for_price <= ZERO:
        raise ValueError("the features' maxima must stay below 1 together")
    with localcontext(EXACT):
        return ONE + sum((f.value for f in features), ZERO) / left_for_price


def adjusted_price(price: Decimal, features: Sequence[Feature]) -> Decimal:
    """The price divided by the coefficient: what bids are compared by, lowest first. Never what is paid."""
    with localcontext(EXACT):
        return price / coefficient(features)
