"""From a unit price for each item to the totals of a bid."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import ItemPrice, LotTotal, Prices
from procurement.tenders.rules import Item, Tender

UNREADABLE = "Write the price of one unit like 12.50, with at most 6 decimals and no currency sign."
PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?\Z")


def price_schedule(tender: Tender, typed: Mapping[str, str]) -> Prices:
    """The schedule for what was typed: item id -> price of one unit. Totals are computed, never typed.

    A lot without any price is not bid for; a lot with some has to have all. Refused("form-invalid", 422) names
    every wrong field at once, without repeating what was typed.
    """
    written = {item.id: text for item in tender.items if (text := typed.get(item.id, "").strip())}
    lots = [lot.id for lot in tender.lots if any(item.id in written for item in tender.items_of(lot.id))]
    items = [item for item in tender.items if item.lot in lots]
    read = {item.id: unit_price(written.get(item.id, "")) for item in items}
    if wrong := _wrong(tender, items, written, read):
        raise Refused("form-invalid", "Some prices are missing or cannot be read.", status=422, fields=wrong)
    priced = {item: value for item, value in read.items() if value is not None}
    currency = tender.value.currency
    totals = {lot: _total(tender.items_of(lot), priced, currency) for lot in lots}
    return Prices(
        currency=currency,
        items=tuple(ItemPrice(item=item, unit_price=f"{value:f}") for item, value in priced.items()),
        lots=tuple(LotTotal(lot=lot, total=f"{total.decimal():f}") for lot, total in totals.items()),
    )


def _wrong(
    tender: Tender, items: Sequence[Item], written: Mapping[str, str], read: Mapping[str, Decimal | None]
) -> dict[str, str]:
    """Item id -> what is wrong with its price."""
    if not items:
        return {item.id: "Give the prices of at least one lot." for item in tender.items[:1]}
    return {
        item.id: UNREADABLE if item.id in written else "Give a price for every item of a lot you bid for."
        for item in items
        if read[item.id] is None
    }


def must_add_up(tender: Tender, prices: Prices) -> None:
    """Refused("prices-do-not-add-up", 422) unless every lot's total is the sum over its items, all of them priced."""
    priced = {price.item: Decimal(price.unit_price) for price in prices.items}
    lots = {lot.lot for lot in prices.lots}
    if set(priced) != {item.id for item in tender.items if item.lot in lots}:
        raise Refused("prices-do-not-add-up", "Not every item of the lots bid for has a price.", status=422)
    for lot, total in prices.lot_totals().items():
        if total != _total(tender.items_of(lot), priced, prices.currency):
            raise Refused("prices-do-not-add-up", "The total of a lot is not the sum of its items.", status=422)


def line_total(item: Item, unit: Decimal, currency: str) -> Money:
    """Quantity times unit price, rounded half up to the currency's minor unit (EN 16931)."""
    return Money.rounded(item.quantity * unit, currency)


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


def _total(items: Sequence[Item], priced: Mapping[str, Decimal], currency: str) -> Money:
    return sum((line_total(item, priced[item.id], currency) for item in items), Money(0, currency))
