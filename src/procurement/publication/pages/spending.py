"""Where the money went: the sums behind the charts of the front page, and the same to take away as CSV."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.csv_file import csv_file
from procurement.kernel.refusal import unknown
from procurement.publication import service
from procurement.publication.service.reading import Sum

MONTHS = 12
BUYERS = 5  # named in the chart; the CSV has all
COLUMNS = {"kind": "kind", "buyer": "buyer_id", "month": "month"}  # by the name in the address
MOST = 10_000  # rows of a CSV
HEADER = ("by", "id", "name", "amount", "currency", "awards", "awards with a single bid")


class SpendingPages(Controller):
    include_in_schema = False

    @get("/spending/{by:str}", opt=access("public"))
    async def table(self, tx: NamedDependency[Tx], by: FromPath[str], buyer: FromQuery[str] = "") -> Response[bytes]:
        """`/spending/kind.csv`, `/spending/buyer.csv`, `/spending/month.csv`: the last twelve months, as drawn."""
        name, _, form = by.partition(".")
        if form != "csv" or name not in COLUMNS:
            raise unknown("page")
        since = a_year_before(tx.now.date())
        currency = await service.usual_currency(tx, since, buyer)
        found = (await service.spending(tx, COLUMNS[name], since, currency, buyer))[:MOST] if currency else ()
        named = await _names(tx, found) if name == "buyer" else {}
        rows = [_cells(name, named.get, one) for one in found]
        return csv_file(f"spending-by-{name}-since-{since}.csv", HEADER, rows)


def _cells(by: str, named: Callable[[str, str], str], one: Sum) -> tuple[str, ...]:
    amount, currency = f"{one.amount.decimal():f}", one.amount.currency
    return by, one.name, named(one.name, one.name), amount, currency, str(one.awards), str(one.single)


async def _names(tx: Tx, found: Sequence[Sum]) -> dict[str, str]:
    return {id_: one.name for id_, one in (await identity.organisations(tx, [one.name for one in found])).items()}


def a_year_before(day: date) -> date:
    """The first day of the month eleven months before, so that twelve months are shown."""
    months = day.year * 12 + day.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


async def money(tx: Tx) -> dict[str, Any] | None:
    """What the charts draw: twelve months of awards in the currency most are made in; None before the first."""
    since = a_year_before(tx.now.date())
    currency = await service.usual_currency(tx, since)
    if not currency:
        return None
    kinds, buyers, months = [await service.spending(tx, by, since, currency) for by in ("kind", "buyer_id", "month")]
    names = await _names(tx, buyers[:BUYERS])
    named = [(names.get(one.name, one.name), one) for one in buyers[:BUYERS]]
    total = sum(found.amount.amount for found in kinds)
    return {
        "currency": currency,
        "total": sum((found.amount for found in kinds[1:]), kinds[0].amount),
        "since": since,
        "kinds": _shares([(found.name, found) for found in kinds], total),
        "buyers": _shares(named, total),
        "months": _every_month(since, {date.fromisoformat(found.name): found.awards for found in months}),
        "awards": sum(found.awards for found in months),
        "single": sum(found.single for found in months),
    }


def _every_month(since: date, awards: dict[date, int]) -> list[tuple[date, int]]:
    """Also those in which nothing was awarded."""
    months = [since.year * 12 + since.month - 1 + number for number in range(MONTHS)]
    days = [date(month // 12, month % 12 + 1, 1) for month in months]
    return [(day, awards.get(day, 0)) for day in days]


def _shares(named: list[tuple[str, Sum]], total: int) -> list[tuple[str, int]]:
    """Of every 100 units spent."""
    return [(name, round(100 * found.amount.amount / total)) for name, found in named] if total else []
