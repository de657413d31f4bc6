"""Which prices look too low to be true. The answer is always a question to the bidder, never a rejection by itself
(UNCITRAL Model Law, article 20; Directive 2014/24/EU, article 69)."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from procurement.evaluation.rules.pricing import ONE, ZERO


class LowPriceTest(msgspec.Struct, frozen=True):
    """A rulebook's test, in shares of one. A bid is questioned when it is below every line given, of enough bids."""

    below_mean: Decimal
    below_second: Decimal | None = None
    least_bids: int = 2


def mean(prices: list[Decimal]) -> Decimal:
    return sum(prices, ZERO) / len(prices)


def suspicious(test: LowPriceTest, prices: Mapping[str, Decimal]) -> tuple[str, ...]:
    """The bids (bid id -> price) to be questioned: more than `below_mean` under the mean of all responsive bids and,
    where the rulebook has that line, more than `below_second` under the second lowest."""
    if len(prices) < max(test.least_bids, 2):
        return ()
    ordered = sorted(prices.values())
    lines = [mean(ordered) * (ONE - test.below_mean)]
    if test.below_second is not None:
        lines.append(ordered[1] * (ONE - test.below_second))
    return tuple(bid for bid, price in prices.items() if price < min(lines))
