"""Pages of plain words: how sealing works and where it ends, how to check the record, accessibility, privacy."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.infra.tx import Tx
from procurement.infra.web.door import access
from procurement.infra.web.pages import page
from procurement.kernel.refusal import unknown

PAGES = ("privacy", "record", "sealing")


class AboutPages(Controller):
    include_in_schema = False

    @get("/about/{name:str}", opt=access("public"))
    async def about(self, tx: NamedDependency[Tx], name: FromPath[str]) -> Template:
        if name not in PAGES:
            raise unknown("page")
        return page(f"about/{name}.html")

    @get("/accessibility", opt=access("public"))
    async def accessibility(self, tx: NamedDependency[Tx]) -> Template:
        return page("about/accessibility.html")
