"""How a price becomes points. Each formula has a name that a rulebook can ask for; all arithmetic is exact decimal.

Prices are major units of one currency, points run from 0 to `weight`. Nothing is rounded before the rulebook says so.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext

import msgspec

from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import PriceFormula

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
EXACT = Context(prec=34, rounding=ROUND_HALF_UP)  # IEEE 754 decimal128, whatever the caller's context is
ROUNDINGS = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN}


def rounded(method: PriceFormula, value: Decimal) -> Decimal:
    """To the decimals of the rulebook, in the rulebook's way."""
    return value.quantize(ONE.scaleb(-method.digits), ROUNDINGS[method.rounding])


class Spread(msgspec.Struct, frozen=True):
    """What a formula may look at beside the price itself."""

    lowest: Decimal
    highest: Decimal
    method: PriceFormula


def lowest_over_price(price: Decimal, spread: Spread) -> Decimal:
    """The share lowest / price (UK Digital Outcomes guidance, and most tenders in the world)."""
    return spread.lowest / price


def linear(price: Decimal, spread: Spread) -> Decimal:
    """One per cent dearer than the lowest costs one per cent of the points; from twice the lowest on nothing is left.

    Below zero it would take points from quality, which no tender announces: so it stops at zero.
    """
    return max(ZERO, ONE - (price - spread.lowest) / spread.lowest)


def between_extremes(price: Decimal, spread: Spread) -> Decimal:
    """(max - price) / (max - min): the dearest gets nothing. Equal prices get everything."""
    if spread.highest == spread.lowest:
        return ONE
    return (spread.highest - price) / (spread.highest - spread.lowest)


def logarithmic(price: Decimal, spread: Spread) -> Decimal:
    """1 - log(price / lowest) / log(A): nothing is left from A times the lowest on."""
    base = spread.method.parameter
    if base <= ONE:
        raise ValueError("the logarithmic formula needs a parameter above 1")
    return max(ZERO, ONE - (price / spread.lowest).ln() / base.ln())


def qcbs(price: Decimal, spread: Spread) -> Decimal:
    """Quality- and cost-based selection: a financial score 100 x lowest / price, rounded before it is weighted."""
    return rounded(spread.method, HUNDRED * spread.lowest / price) / HUNDRED


FORMULAS: dict[str, Callable[[Decimal, Spread], Decimal]] = {
    "lowest-over-price": lowest_over_price,
    "linear": linear,
    "range": between_extremes,
    "log": logarithmic,
    "qcbs": qcbs,
}


WORDS: dict[str, str] = {
    "lowest-over-price": "the weight times the lowest price, divided by this price",
    "linear": "the weight, less as many per cent of it as this price is above the lowest",
    "range": "the weight times the distance to the highest price, divided by highest less lowest price",
    "log": "the weight, less its share by the logarithm of this price over the lowest",
    "qcbs": "100 times the lowest price divided by this price, then weighted",
}
"""How each formula is told to a bidder."""


def price_points(method: PriceFormula, weight: Decimal, prices: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The points of each bid (bid id -> price) for a price criterion of `weight` points.

    Refused "price-not-scorable" when a price is zero or negative: no formula means anything there, so such a bid must
    first be questioned or refused in the compliance check. KeyError for a formula nobody knows.
    """
    if not prices:
        return {}
    if min(prices.values()) <= ZERO:
        raise Refused("price-not-scorable", "A price of zero cannot be scored. Decide first whether this bid complies.")
    formula = FORMULAS[method.formula]
    with localcontext(EXACT):
        spread = Spread(min(prices.values()), max(prices.values()), method)
        return {bid: rounded(method, weight * formula(price, spread)) for bid, price in prices.items()}


def share_of_total(*weights: Decimal) -> Decimal:
    """Nested weights in per cent: a criterion of 20 % in a category of 75 % weighs 15 % of the whole."""
    share = HUNDRED
    for weight in weights:
        share = share * weight / HUNDRED
    return share
