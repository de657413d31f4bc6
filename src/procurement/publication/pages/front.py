"""The front page: search first, what closes soon, what was awarded, where the money goes; and the record of it all."""

from datetime import date
from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Template

from procurement.identity import service as identity
from procurement.infra.freshness import PUBLISHED
from procurement.infra.ledger import service as ledger
from procurement.infra.search import COUNTED
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import keep
from procurement.publication import service
from procurement.publication.pages.rows import readable, row
from procurement.publication.service.reading import Sum

MONTHS = 12
BUYERS = 5  # named in the chart; the others are added up
LATEST = 50  # entries on one page of the record


class FrontPages(Controller):
    include_in_schema = False

    @get("/", opt=access("public"))
    async def home(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Template:
        kept = await keep(request, tx, PUBLISHED)
        shown = await service.home(tx)
        kept.on(*(notice.deadline for notice in shown.closing))
        return page(
            "publication/home.html",
            home=shown,
            closing=[row(notice, tx.now) for notice in shown.closing],
            decided=[row(notice, tx.now) for notice in shown.decided],
            money=await _money(tx),
            checkpoint=await ledger.latest_checkpoint(tx.session),
            counted=COUNTED,
        )

    @get("/ledger", opt=access("public"))
    async def record(self, tx: NamedDependency[Tx], start: FromQuery[int] = -1) -> Template:
        """The newest entries of the record, or those from an index on."""
        latest = await ledger.latest_checkpoint(tx.session)
        size = latest.size if latest else 0
        first = max(0, size - LATEST) if start < 0 else min(start, size)
        found = await ledger.entries(tx.session, first, LATEST)
        keys = await ledger.published_keys(tx.session)
        return page(
            "publication/ledger.html", checkpoint=latest, entries=readable(found), first=first, keys=keys, step=LATEST
        )


def a_year_before(day: date) -> date:
    """The first day of the month eleven months before, so that twelve months are shown."""
    months = day.year * 12 + day.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


async def _money(tx: Tx) -> dict[str, Any] | None:
    """The last twelve months of awards in the currency most are made in; None before the first."""
    since = a_year_before(tx.now.date())
    currency = await service.usual_currency(tx, since)
    if not currency:
        return None
    kinds, buyers, months = [await service.spending(tx, by, since, currency) for by in ("kind", "buyer_id", "month")]
    names = await identity.organisations(tx, [found.name for found in buyers[:BUYERS]])
    named = [(names[one.name].name if one.name in names else one.name, one) for one in buyers[:BUYERS]]
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
