"""From a unit price for each item to the totals of a bid: the same sums wherever a bid is sealed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.prices import ItemPrice, LotTotal, Prices

TOO_LARGE = "The total of this lot is too large to be written."
MOST = 10**12  # major units, which no total reaches: `Total` spells twelve digits
UNREADABLE = "Write the price of one unit like 12.50, with at most 6 decimals and no currency sign."
PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?\Z")


class Line(msgspec.Struct, frozen=True):
    """A line of the price schedule, by the tender's ids: so many units of an item, in a lot."""

    item: str
    lot: str
    quantity: Decimal


def price_schedule(lines: Sequence[Line], typed: Mapping[str, str], currency: str) -> Prices:
    """The schedule for what was typed: item id -> price of one unit. Totals are computed, never typed.

    A lot without any price is not bid for; a lot with some has to have all. Refused("form-invalid", 422) names
    every wrong field at once, without repeating what was typed.
    """
    written = {line.item: text for line in lines if (text := typed.get(line.item, "").strip())}
    lots = {line.lot for line in lines if line.item in written}
    asked = [line for line in lines if line.lot in lots]
    read = {line.item: unit_price(written.get(line.item, "")) for line in asked}
    if wrong := _wrong(lines, written, read):
        raise Refused("form-invalid", "Some prices are missing or cannot be read.", status=422, fields=wrong)
    priced = {item: value for item, value in read.items() if value is not None}
    totals = lot_totals(asked, priced, currency)
    if large := {line.item: TOO_LARGE for line in asked if totals[line.lot].decimal() >= MOST}:
        raise Refused("form-invalid", TOO_LARGE, status=422, fields=large)
    return Prices(
        currency=currency,
        items=tuple(ItemPrice(item=item, unit_price=f"{value:f}") for item, value in priced.items()),
        lots=tuple(LotTotal(lot=lot, total=f"{total.decimal():f}") for lot, total in totals.items()),
    )


def lot_by_lot(lines: Sequence[Line], prices: Prices) -> dict[str, Prices]:
    """The price list of each lot alone, in the order in which they stand in the whole one."""
    lot_of = {line.item: line.lot for line in lines}
    return {
        total.lot: Prices(
            currency=prices.currency,
            items=tuple(price for price in prices.items if lot_of[price.item] == total.lot),
            lots=(total,),
        )
        for total in prices.lots
    }


def _wrong(lines: Sequence[Line], written: Mapping[str, str], read: Mapping[str, Decimal | None]) -> dict[str, str]:
    """Item id -> what is wrong with its price."""
    if not read:
        return {line.item: "Give the prices of at least one lot." for line in lines[:1]}
    return {
        item: UNREADABLE if item in written else "Give a price for every item of a lot you bid for."
        for item, value in read.items()
        if value is None
    }


def must_add_up(lines: Sequence[Line], prices: Prices) -> None:
    """Refused("prices-do-not-add-up", 422) unless every lot's total is the sum over its items, all of them priced."""
    priced = {price.item: Decimal(price.unit_price) for price in prices.items}
    lots = prices.lot_totals()
    asked = [line for line in lines if line.lot in lots]
    if set(priced) != {line.item for line in asked}:
        raise Refused("prices-do-not-add-up", "Not every item of the lots bid for has a price.", status=422)
    if lots != {lot: Money(0, prices.currency) for lot in lots} | lot_totals(asked, priced, prices.currency):
        raise Refused("prices-do-not-add-up", "The total of a lot is not the sum of its items.", status=422)


def lot_totals(lines: Iterable[Line], priced: Mapping[str, Decimal], currency: str) -> dict[str, Money]:
    """Lot id -> the sum of its lines, in the order of the lines."""
    totals: dict[str, Money] = {}
    for line in lines:
        amount = line_total(line.quantity, priced[line.item], currency)
        totals[line.lot] = totals.get(line.lot, Money(0, currency)) + amount
    return totals


def line_total(quantity: Decimal, unit: Decimal, currency: str) -> Money:
    """Quantity times unit price, rounded half up to the currency's minor unit (EN 16931)."""
    return Money.rounded(quantity * unit, currency)


def grand_total(prices: Prices) -> Money:
    """The sum over all lots bid for."""
    return sum(prices.lot_totals().values(), Money(0, prices.currency))


def unit_price(text: str) -> Decimal | None:
    """Read "1240.50", "1 240,50" or "1,240.50"; nothing when it is no price."""
    plain = "".join(text.split()).replace("\u2019", "").replace("'", "")
    if "," in plain and "." in plain:
        plain = plain.replace("," if plain.rindex(".") > plain.rindex(",") else ".", "")
    plain = plain.replace(",", ".")
    return Decimal(plain) if PLAIN.match(plain) else None
