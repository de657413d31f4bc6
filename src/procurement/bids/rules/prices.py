"""The price schedule of a tender, as it was filled in."""

from collections.abc import Mapping
from decimal import Decimal

from procurement.kernel.money import Money
from procurement.kernel.sealing import Prices, schedule
from procurement.kernel.sealing.schedule import Line, grand_total, unit_price
from procurement.tenders.rules import Item, Tender

__all__ = ["grand_total", "line_total", "lines", "must_add_up", "price_schedule", "unit_price"]


def lines(tender: Tender) -> tuple[Line, ...]:
    """What has to be priced, in the order of the tender's lots."""
    return tuple(Line(item.id, item.lot, item.quantity) for lot in tender.lots for item in tender.items_of(lot.id))


def price_schedule(tender: Tender, typed: Mapping[str, str]) -> Prices:
    """As kernel.sealing.schedule says: Refused("form-invalid", 422) names every wrong field at once."""
    return schedule.price_schedule(lines(tender), typed, tender.value.currency)


def must_add_up(tender: Tender, prices: Prices) -> None:
    """Refused("prices-do-not-add-up", 422) unless every lot's total is the sum over its items, all of them priced."""
    schedule.must_add_up(lines(tender), prices)


def line_total(item: Item, unit: Decimal, currency: str) -> Money:
    """Quantity times unit price, rounded half up to the currency's minor unit (EN 16931)."""
    return schedule.line_total(item.quantity, unit, currency)
