"""Pages of plain words: how a procurement runs, what is sealed and its limits, how to check the record, accessibility,
privacy."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.infra.ledger import service as ledger
from procurement.infra.ledger import witnesses
from procurement.infra.tx import Tx
from procurement.infra.web.door import access
from procurement.infra.web.pages import page
from procurement.kernel.refusal import unknown
from procurement.settings import Settings

PAGES = ("how", "privacy", "sealing")


class AboutPages(Controller):
    include_in_schema = False

    @get("/about/record", opt=access("public"))
    async def record(self, tx: NamedDependency[Tx], settings: NamedDependency[Settings]) -> Template:
        """Commands to copy, with this service's address and keys in them."""
        return page(
            "about/record.html",
            service=settings.base_url,
            checkpoint=await ledger.latest_checkpoint(tx.session),
            standings=await witnesses.configured(tx.session, settings.ledger_witnesses),
            keys=await ledger.published_keys(tx.session),
        )

    @get("/about/{name:str}", opt=access("public"))
    async def about(self, tx: NamedDependency[Tx], name: FromPath[str]) -> Template:
        if name not in PAGES:
            raise unknown("page")
        return page(f"about/{name}.html")

    @get("/accessibility", opt=access("public"))
    async def accessibility(self, tx: NamedDependency[Tx]) -> Template:
        return page("about/accessibility.html")
