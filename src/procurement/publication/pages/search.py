"""Finding tenders, awards, buyers and suppliers: words, and filters that live in the address."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template
from msgspec import structs

from procurement.infra.freshness import PUBLISHED
from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import keep
from procurement.kernel.refusal import Refused
from procurement.publication.asked import Asked
from procurement.publication.pages.found import found, page_of
from procurement.settings import Settings


def asked(request: AnyRequest, find: Collection = Collection.NOTICES) -> Asked:
    return Asked.read(request.query_params.multi_items(), find)


class SearchPages(Controller):
    include_in_schema = False

    @get("/tenders", opt=access("public"))
    async def tenders(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Template:
        return await _page(request, tx, settings, Collection.NOTICES)

    @get("/awards", opt=access("public"))
    async def awards(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Template:
        """Our awards and others', with their contracts, the latest first."""
        return await _page(request, tx, settings, Collection.AWARDS)

    @get("/buyers-and-suppliers", opt=access("public"))
    async def organisations(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Template:
        """Whoever buys, and whoever has won."""
        return await _page(request, tx, settings, Collection.ORGANISATIONS)


async def _page(request: AnyRequest, tx: Tx, settings: Settings, find: Collection) -> Template:
    kept = await keep(request, tx, PUBLISHED)
    wanted = asked(request, find)
    refused: Refused | None = None
    try:
        context: dict[str, Any] = await found(tx, wanted, ZoneInfo(settings.official_timezone))
    except Refused as no:
        if no.status != 422:
            raise
        refused, context = no, page_of(wanted)
    if find is Collection.NOTICES:
        kept.on(*(row.notice.deadline for row in context["rows"]))
    return page("publication/search.html", refused=refused, typed=structs.asdict(wanted), **context)
