"""The front page: search first, what closes soon, what was awarded, where the money goes; and the record of it all."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Template

from procurement.infra.freshness import PUBLISHED
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger import witnesses
from procurement.infra.search import COUNTED
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import keep
from procurement.publication import service
from procurement.publication.pages.rows import readable, row
from procurement.publication.pages.spending import money
from procurement.settings import Settings

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
            money=await money(tx),
            checkpoint=await ledger.latest_checkpoint(tx.session),
            counted=COUNTED,
        )

    @get("/ledger", opt=access("public"))
    async def record(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], start: FromQuery[int] = -1
    ) -> Template:
        """The newest entries of the record, or those from an index on."""
        latest = await ledger.latest_checkpoint(tx.session)
        size = latest.size if latest else 0
        first = max(0, size - LATEST) if start < 0 else min(start, size)
        found = await ledger.entries(tx.session, first, LATEST)
        return page(
            "publication/ledger.html",
            checkpoint=latest,
            standings=await witnesses.configured(tx.session, settings.ledger_witnesses),
            entries=readable(found),
            first=first,
            step=LATEST,
        )
