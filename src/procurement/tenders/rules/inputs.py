"""What a drafter types, field by field: the same for pages and programs. Whether it is complete is asked later."""

import re
from decimal import Decimal
from typing import Annotated

import msgspec

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused, invalid
from procurement.tenders.rules.model import Category, Kind

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=250)]
OptionalLine = Annotated[str, msgspec.Meta(max_length=250)]
Prose = Annotated[str, msgspec.Meta(max_length=20_000)]
Amount = Annotated[str, msgspec.Meta(max_length=30, description="Major units, as 1240.50, in the official currency")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]

CPV = re.compile(r"[0-9]{8}(-[0-9])?\Z")
LARGEST_QUANTITY = Decimal(10**12)
QUANTITY_DIGITS = 6  # decimals


class New(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first thing one says of a tender."""

    title: Line
    category: Category


class About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is bought, what it may cost, what the contract will ask, and the deposit asked with a bid, "" for none. The
    procedure, by its name in the rulebook, stays as it is where it is ""."""

    title: Line
    category: Category
    description: Prose = ""
    value: Amount = ""
    contract_terms: Prose = ""
    deposit: Amount = ""
    procedure: Annotated[str, msgspec.Meta(max_length=40)] = ""


class LotInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lot; its estimated value may be left out."""

    title: Line
    description: Prose = ""
    value: Amount = ""


class ItemInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a lot's price schedule."""

    lot: Code
    description: Line
    classification_id: Code
    quantity: Decimal
    unit: Code
    classification_scheme: Code = "CPV"
    classification_description: OptionalLine = ""
    place: OptionalLine = ""


class CriterionInput(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A criterion for one lot, or with lot "" for all; the weight in per cent."""

    name: Line
    kind: Kind
    description: Prose = ""
    weight: Decimal = Decimal(0)
    lot: Annotated[str, msgspec.Meta(max_length=40)] = ""


def value(text: str, currency: str, field: str = "value") -> Money | None:
    """An amount as typed, None when nothing was. Refused("form-invalid") names the field."""
    if not text:
        return None
    try:
        amount = Money.parse(text, currency)
    except Refused as no:
        raise invalid("The value needs another look.", **{field: no.detail}) from None
    if amount.amount < 0:
        raise invalid("The value needs another look.", **{field: "A value is not negative."})
    return amount


def must_be_countable(item: ItemInput) -> None:
    """Refused("form-invalid") for a code of the wrong form or a quantity that is none."""
    wrong = {}
    if item.classification_scheme == "CPV" and not CPV.match(item.classification_id):
        wrong["classification_id"] = "A CPV code has eight digits, and may end in a check digit: 45233120-6."
    finite = item.quantity.is_finite()
    exponent = item.quantity.as_tuple().exponent
    if not finite or not 0 < item.quantity <= LARGEST_QUANTITY:
        wrong["quantity"] = "Write a quantity above 0."
    elif isinstance(exponent, int) and exponent < -QUANTITY_DIGITS:
        wrong["quantity"] = f"Write at most {QUANTITY_DIGITS} decimals."
    if wrong:
        raise invalid("This item needs another look.", **wrong)


def must_be_weighable(criterion: CriterionInput) -> None:
    """Refused("form-invalid") for a weight outside 0 to 100, or one on a criterion that is passed or failed."""
    weight = criterion.weight
    if not weight.is_finite() or not 0 <= weight <= 100 or weight != weight.quantize(Decimal("0.01")):
        raise invalid(
            "The weight needs another look.", weight="Write a weight from 0 to 100, with two decimals at most."
        )
    if criterion.kind == "pass-fail" and weight:
        raise invalid("The weight needs another look.", weight="What is passed or failed has no weight: write 0.")
