"""Ties, lots and adjusted prices."""

from decimal import Decimal as D

from evaluating import LOWEST_PRICE, METHOD, PRICE, TERMS, candidate, formula
from msgspec.structs import replace

from procurement.evaluation.rules.ranking import rank_lot
from procurement.evaluation.rules.state import Agreed, Candidate
from procurement.kernel.money import Money

HALF = replace(
    TERMS,
    criteria=(replace(PRICE, weight=D(50)), replace(METHOD, weight=D(50))),
    price=formula("lowest-over-price"),
)
CHEAP, GOOD = candidate("cheap", "50", 2), candidate("good", "100", 1)
TIED = {("cheap", "method"): Agreed(5, ""), ("good", "method"): Agreed(10, "")}


def order(terms: object, *bids: Candidate) -> list[tuple[str, int]]:
    return [(r.bid_id, r.rank) for r in rank_lot(terms, "", bids, TIED)]  # type: ignore[arg-type]  # any Terms


def test_a_tie_is_broken_as_the_rulebook_says() -> None:
    """Quality 50 at price 50 and quality 100 at price 100 both have 75.00 points."""
    assert order(replace(HALF, ties=("lowest-price",)), CHEAP, GOOD) == [("cheap", 1), ("good", 2)]
    assert order(replace(HALF, ties=("highest-quality",)), CHEAP, GOOD) == [("good", 1), ("cheap", 2)]
    assert order(replace(HALF, ties=("earliest-bid",)), CHEAP, GOOD) == [("good", 1), ("cheap", 2)]


def test_a_tie_left_to_lots_stays_a_shared_rank() -> None:
    assert order(replace(HALF, ties=("lots",)), CHEAP, GOOD) == [("cheap", 1), ("good", 1)]


def test_after_a_shared_rank_the_next_place_is_left_out() -> None:
    terms = replace(LOWEST_PRICE, ties=())
    assert order(terms, candidate("a", "10"), candidate("b", "10"), candidate("c", "11")) == [
        ("a", 1),
        ("b", 1),
        ("c", 3),
    ]


def test_each_lot_has_a_ranking_of_its_own_and_criteria_of_its_own() -> None:
    def both(bid: str, first: str, second: str) -> Candidate:
        return Candidate(bid, bid, {"1": Money.parse(first, "EUR"), "2": Money.parse(second, "EUR")})

    only_first = replace(METHOD, lot="1")
    terms = replace(HALF, lots=("1", "2"), criteria=(PRICE, only_first))
    bids = (both("a", "10", "20"), both("b", "20", "10"))
    agreed = {("a", "method"): Agreed(0, ""), ("b", "method"): Agreed(10, "")}
    assert [r.bid_id for r in rank_lot(terms, "1", bids, agreed)] == ["a", "b"]
    assert [(r.bid_id, len(r.points)) for r in rank_lot(terms, "2", bids, agreed)] == [("b", 1), ("a", 1)]


def test_a_bid_for_one_lot_is_not_ranked_in_another() -> None:
    only = Candidate("only", "only", {"1": Money.parse("5", "EUR")})
    assert rank_lot(replace(LOWEST_PRICE, lots=("1", "2")), "2", (only,), {}) == ()


def test_features_adjust_the_price_and_the_lowest_adjusted_price_leads() -> None:
    """ProZorro's coefficient: full marks on a feature of 15 % make 110 count as 93.5, below 100 without any."""
    terms = replace(
        HALF,
        criteria=(replace(METHOD, weight=D(15)),),
        price=formula("meat-coefficient"),
        ties=(),
    )
    agreed = {("plain", "method"): Agreed(0, ""), ("rich", "method"): Agreed(10, "")}
    ranked = rank_lot(terms, "", (candidate("plain", "100"), candidate("rich", "110")), agreed)
    assert [(r.bid_id, str(r.score)) for r in ranked] == [("rich", "93.50"), ("plain", "100.00")]
