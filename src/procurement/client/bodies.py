"""What programs send."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec


class _Body(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is left out is what the service takes when nothing is said."""


class NewItem(_Body, frozen=True):
    """A line of the price schedule. `classification_id` is a CPV code unless another scheme is named."""

    description: str
    classification_id: str
    quantity: Decimal
    unit: str
    classification_scheme: str = "CPV"
    classification_description: str = ""
    place: str = ""


class NewLot(_Body, frozen=True):
    """`value` is a decimal string of major units, "" for none."""

    title: str
    items: tuple[NewItem, ...]
    description: str = ""
    value: str = ""


class NewCriterion(_Body, frozen=True):
    """The weight in per cent; `lot` counts from 1, None for every lot."""

    name: str
    kind: Literal["price", "quality", "pass-fail"]
    description: str = ""
    weight: Decimal = Decimal(0)
    lot: int | None = None


class NewTender(_Body, frozen=True):
    """A whole draft. `value` and `deposit` are decimal strings of major units; `deadline` has an offset."""

    title: str
    category: Literal["goods", "works", "services"]
    description: str
    value: str
    contract_terms: str
    award_method: str
    deadline: datetime
    lots: tuple[NewLot, ...]
    criteria: tuple[NewCriterion, ...] = ()
    deposit: str = ""


class Score(_Body, frozen=True):
    """0 to 10; None while it is open."""

    bid: str
    criterion: str
    score: int | None
    comment: str = ""
