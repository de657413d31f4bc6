"""The fee of a challenge, against numbers that others have published."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from tendering import MODEL_LAW

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules.challenge_fee import Against, fee_of
from procurement.rulebooks.rules import ChallengeFee, FeeBand, read

GENERIC = read(MODEL_LAW)


def band(rate: str, least: int, most: int) -> FeeBand:
    return FeeBand(rate=Decimal(rate), least=Decimal(least), most=Decimal(most), source="default")


# Ukraine, ProZorro: 0.3 % within 2,000 to 85,000; of later decisions 0.6 % within 3,000 to 170,000; up to the next 10
PROZORRO = replace(
    GENERIC,
    currency="UAH",
    challenge_fee=ChallengeFee(
        terms=band("0.003", 2_000, 85_000),
        decisions=band("0.006", 3_000, 170_000),
        round_up_to=Decimal(10),
        source="default",
    ),
)

# source, value, fee of the terms, fee of decisions
FEES = [
    ("ProZorro: a share in between, be it a tender or one lot of a larger one", "1000000", "3000", "6000"),
    ("ProZorro: the least", "500000", "2000", "3000"),
    ("ProZorro: the most", "30000000", "85000", "170000"),
    ("Our decision: one kopiyka above a step is the next step", "1000000.01", "3010", "6010"),
    ("Our decision: a step is never passed by rounding down", "1003333.33", "3010", "6020"),
    ("Our decision: an unknown value costs the least", "0", "2000", "3000"),
]


@pytest.mark.parametrize(("source", "value", "terms", "decisions"), FEES, ids=[row[0] for row in FEES])
def test_fees_are_those_published(source: str, value: str, terms: str, decisions: str) -> None:
    expected: dict[Against, str] = {"terms": terms, "decisions": decisions}
    for against, fee in expected.items():
        assert fee_of(PROZORRO, against, Money.parse(value, "UAH")) == Money.parse(fee, "UAH")


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_currencies_of_no_and_of_three_decimals_are_rounded_in_their_own_units(currency: str) -> None:
    rules = replace(PROZORRO, currency=currency)
    assert fee_of(rules, "terms", Money.parse("1000001", currency)) == Money.parse("3010", currency)


def test_a_rulebook_without_fees_asks_none() -> None:
    free = replace(GENERIC, challenge_fee=None)
    assert fee_of(free, "decisions", Money.parse("1000000", "EUR")) == Money(0, "EUR")


@pytest.mark.parametrize("value", [Money(-1, "EUR"), Money(1, "USD")])
def test_what_is_no_value_has_no_fee(value: Money) -> None:
    with pytest.raises(Refused) as no:
        fee_of(GENERIC, "terms", value)
    assert (no.value.code, list(no.value.fields)) == ("form-invalid", ["value"])
