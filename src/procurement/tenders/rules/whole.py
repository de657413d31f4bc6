"""A whole draft in one document, as programs write it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from procurement.kernel.refusal import invalid
from procurement.tenders.rules.inputs import Amount, Code, CriterionInput, ItemInput, Line, OptionalLine, Prose
from procurement.tenders.rules.model import Category, Kind

MOST_ROWS = 2000  # lots, items or criteria of one document
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class NewItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the lot's price schedule; the quantity as a decimal string or number."""

    description: Line
    classification_id: Code
    quantity: Decimal
    unit: Code
    classification_scheme: Code = "CPV"
    classification_description: OptionalLine = ""
    place: OptionalLine = ""


class NewLot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Line
    items: Annotated[list[NewItem], msgspec.Meta(max_length=MOST_ROWS)]
    description: Prose = ""
    value: Amount = ""


class NewCriterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For every lot, or only for the one with that number, counted from 1; the weight in per cent."""

    name: Line
    kind: Kind
    description: Prose = ""
    weight: Decimal = Decimal(0)
    lot: int | None = None


class NewTender(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole draft. Values are decimal strings of major units in the rulebook's currency; `deadline` has an offset.
    `deposit` is asked of every bidder, "" for none; `procedure` is the rulebook's first where it is ""."""

    title: Line
    category: Category
    description: Prose
    value: Amount
    contract_terms: Prose
    award_method: Code
    deadline: Moment
    lots: Annotated[list[NewLot], msgspec.Meta(min_length=1, max_length=MOST_ROWS)]
    criteria: Annotated[list[NewCriterion], msgspec.Meta(max_length=MOST_ROWS)] = []
    deposit: Amount = ""
    procedure: Annotated[str, msgspec.Meta(max_length=40)] = ""


def item_input(item: NewItem, lot_id: str) -> ItemInput:
    """The same item as a form would give it."""
    return ItemInput(lot=lot_id, **msgspec.structs.asdict(item))


def criterion_input(criterion: NewCriterion, lot_ids: list[str]) -> CriterionInput:
    """The same criterion as a form would give it. Refused("form-invalid") for a lot that is not there."""
    values = msgspec.structs.asdict(criterion)
    number = values.pop("lot")
    if number is not None and not 1 <= number <= len(lot_ids):
        raise invalid("The criteria need another look.", lot=f"There is no lot {number}.")
    return CriterionInput(lot="" if number is None else lot_ids[number - 1], **values)
