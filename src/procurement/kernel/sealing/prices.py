"""prices.json: the priced part of a bid, as decimal strings."""

from decimal import Decimal
from typing import Annotated

import msgspec

from procurement.kernel.canonical import canonical
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.strict import Name, read_canonical

LIMIT = 1 << 20  # bytes

UnitPrice = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?\Z")]
Total = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?\Z")]


class ItemPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The price of one unit of a tender item, in major units, up to six decimals."""

    item: Name
    unit_price: UnitPrice


class LotTotal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bid's price for a whole lot, in major units of the currency."""

    lot: Name
    total: Total


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is offered: only the lots bid for, each once; only their items, each once."""

    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    items: tuple[ItemPrice, ...]
    lots: Annotated[tuple[LotTotal, ...], msgspec.Meta(min_length=1)]

    def lot_totals(self) -> dict[str, Money]:
        """Lot id -> total."""
        return {lot.lot: Money.of(Decimal(lot.total), self.currency) for lot in self.lots}


def prices_bytes(prices: Prices) -> bytes:
    return canonical(prices)


def parse_prices(data: bytes, currency: str, lots: frozenset[str], items: frozenset[str]) -> Prices:
    """Read prices.json against the tender's currency, lot ids and item ids. Refused("prices-malformed", 422)."""
    prices = read_canonical(data, Prices, limit=LIMIT, code="prices-malformed", what="The price list")
    if prices.currency != currency:
        raise Refused("prices-malformed", f"Prices have to be in {currency}.", status=422)
    _must_be_known("lot", [lot.lot for lot in prices.lots], lots)
    _must_be_known("item", [item.item for item in prices.items], items)
    _must_fit(prices)
    return prices


def _must_fit(prices: Prices) -> None:
    try:
        prices.lot_totals()
    except Refused as unfit:  # more decimals than the currency has
        raise Refused("prices-malformed", unfit.detail, status=422) from None


def _must_be_known(what: str, named: list[str], known: frozenset[str]) -> None:
    if len(set(named)) != len(named):
        raise Refused("prices-malformed", f"A {what} is priced twice.", status=422)
    if strangers := sorted(set(named) - known):
        raise Refused("prices-malformed", f"The tender has no {what} {strangers[0]}.", status=422)
