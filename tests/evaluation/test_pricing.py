"""Prices become the points that others have published. Each published number stands with its source."""

from decimal import Decimal as D

import pytest
from evaluating import formula, low_price

from procurement.evaluation.rules.abnormally_low import suspicious
from procurement.evaluation.rules.meat import Feature, adjusted_price, coefficient
from procurement.evaluation.rules.pricing import FORMULAS, price_points, share_of_total
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.rulebooks.rules import PriceFormula

# source, method, weight, prices in order, points in order
PRICE_POINTS = [
    (
        "UK Digital Outcomes guidance: lowest / price",
        formula("lowest-over-price", digits=3),
        "1",
        ("15000", "10000", "30000"),
        ("0.667", "1.000", "0.333"),
    ),
    (
        "A 40-point price criterion, rounded to whole points",
        formula("lowest-over-price", digits=0),
        "40",
        ("100", "105", "108"),
        ("40", "38", "37"),
    ),
    (
        "QCBS: 100 x lowest / price (World Bank)",
        formula("qcbs", digits=1),
        "100",
        ("20", "40", "60"),
        ("100.0", "50.0", "33.3"),
    ),
    (
        "Linear: 25 % above the lowest is 25 % fewer points, 40 % above is 40 % fewer",
        formula("linear", digits=0),
        "100",
        ("100", "125", "140"),
        ("100", "75", "60"),
    ),
    (
        "Linear, our decision: nothing is left at twice the lowest and beyond",
        formula("linear", digits=0),
        "100",
        ("100", "199", "200", "300"),
        ("100", "1", "0", "0"),
    ),
    (
        "Range: W x (max - p) / (max - min), with its ends W and 0",
        formula("range", digits=2),
        "60",
        ("100", "150", "200"),
        ("60.00", "30.00", "0.00"),
    ),
    (
        "Log: W x (1 - log(p / best) / log A): the best gets W, A x best gets 0",
        formula("log", digits=2, parameter=D(4)),
        "50",
        ("100", "200", "400", "500"),
        ("50.00", "25.00", "0.00", "0.00"),
    ),
]

# Quality and price 50/50 (source: QCBS practice): quality, price, total
HALF_AND_HALF = [("50", "50", "75.00"), ("75", "75", "70.83"), ("100", "100", "75.00")]

# Kosovo: more than 30 % below the mean and more than 10 % below the second lowest, at least three bids
ABNORMALLY_LOW = [
    (("100", "100", "65"), ()),
    (("100", "100", "100", "60"), (3,)),
    (("100", "60"), ()),
]


@pytest.mark.parametrize(("source", "method", "weight", "prices", "points"), PRICE_POINTS, ids=lambda v: str(v)[:40])
def test_price_points_are_the_published_ones(
    source: str, method: PriceFormula, weight: str, prices: tuple[str, ...], points: tuple[str, ...]
) -> None:
    bids = {f"bid {n}": D(price) for n, price in enumerate(prices)}
    assert [str(p) for p in price_points(method, D(weight), bids).values()] == list(points), source


def test_a_criterion_of_20_per_cent_in_a_category_of_75_weighs_15() -> None:
    assert share_of_total(D(75), D(20)) == D(15)


def test_half_quality_and_half_price_ends_in_the_published_tie() -> None:
    """The published total is rounded once, at the end: points keep more digits until then."""
    prices = {price: D(price) for _quality, price, _total in HALF_AND_HALF}
    points = price_points(formula("lowest-over-price", digits=6), D(50), prices)
    totals = [f"{D(quality) / 2 + points[price]:.2f}" for quality, price, _total in HALF_AND_HALF]
    assert totals == [total for _quality, _price, total in HALF_AND_HALF]


def test_the_features_of_prozorro_make_469_count_as_364_777() -> None:
    features = [Feature(D("0.1"), D("0.15")), Feature(D("0.1"), D("0.15"))]
    assert abs(coefficient(features) - D(9) / D(7)) < D("1e-27")
    assert str(adjusted_price(D(469), features)).startswith("364.777777")


def test_features_that_leave_nothing_for_the_price_are_an_error() -> None:
    with pytest.raises(ValueError, match="below 1"):
        coefficient([Feature(D(0), D("0.5")), Feature(D(0), D("0.5"))])


@pytest.mark.parametrize(
    ("start", "taken", "left"), [("100.1", ["10.2"], "89.90"), ("100.1", ["9.9", "10.2"], "80.00")]
)
def test_money_is_exact(start: str, taken: list[str], left: str) -> None:
    rest = Money.parse(start, "EUR")
    for amount in taken:
        rest = rest - Money.parse(amount, "EUR")
    assert str(rest) == f"{left} EUR"


@pytest.mark.parametrize(("prices", "expected"), ABNORMALLY_LOW)
def test_abnormally_low_prices_are_those_of_kosovo(prices: tuple[str, ...], expected: tuple[int, ...]) -> None:
    test = low_price(below_mean=D("0.3"), below_second=D("0.1"), least_bids=3)
    assert suspicious(test, {str(n): D(p) for n, p in enumerate(prices)}) == tuple(str(n) for n in expected)


def test_a_price_exactly_on_the_line_is_not_abnormally_low() -> None:
    test = low_price(below_mean=D("0.5"), below_second=D("0.1"), least_bids=2)
    assert suspicious(test, {"a": D(30), "b": D(90)}) == ()
    assert suspicious(test, {"a": D("29.99"), "b": D(90)}) == ("a",)


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_the_lowest_price_gets_the_whole_weight_in_every_formula(name: str) -> None:
    points = price_points(formula(name, parameter=D(2)), D(40), {"low": D(10), "high": D(15)})
    assert points["low"] == D(40) > points["high"] >= 0


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_equal_prices_get_equal_points(name: str) -> None:
    assert set(price_points(formula(name, parameter=D(2)), D(40), {"a": D(10), "b": D(10)}).values()) == {D(40)}


@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_price_of_nothing_cannot_be_scored(price: str) -> None:
    with pytest.raises(Refused) as no:
        price_points(formula("lowest-over-price"), D(40), {"a": D(price), "b": D(10)})
    assert no.value.code == "price-not-scorable"


def test_a_logarithm_without_a_base_is_an_error() -> None:
    with pytest.raises(ValueError, match="parameter"):
        price_points(formula("log"), D(40), {"a": D(5), "b": D(10)})


def test_nobody_to_score_gives_no_points() -> None:
    assert price_points(formula("lowest-over-price"), D(40), {}) == {}
