"""Which prices look too low to be true. The answer is always a question to the bidder, never a rejection by itself
(UNCITRAL Model Law, article 20; Directive 2014/24/EU, article 69)."""

from collections.abc import Mapping
from decimal import Decimal

from procurement.evaluation.rules.pricing import ONE, ZERO
from procurement.rulebooks.rules import AbnormallyLow


def suspicious(test: AbnormallyLow, prices: Mapping[str, Decimal]) -> tuple[str, ...]:
    """The bids (bid id -> price) to be questioned: more than the share `below_mean` under the mean of all responsive
    bids and more than `below_second` under the second lowest, of enough bids."""
    if len(prices) < max(test.least_bids, 2):
        return ()
    ordered = sorted(prices.values())
    mean = sum(ordered, ZERO) / len(ordered)
    line = min(mean * (ONE - test.below_mean), ordered[1] * (ONE - test.below_second))
    return tuple(bid for bid, price in prices.items() if price < line)
