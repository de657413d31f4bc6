"""What the service says of itself: how sealing works, how to check the record, accessibility, privacy."""

from litestar import Controller, get
from litestar.response import Template

from procurement.infra.web.door import PUBLIC, access
from procurement.infra.web.pages import page


class AboutPages(Controller):
    opt = access(PUBLIC)

    @get("/about/sealing", sync_to_thread=False)
    def sealing(self) -> Template:
        return page("about/sealing.html")

    @get("/about/record", sync_to_thread=False)
    def record(self) -> Template:
        return page("about/record.html")

    @get("/about/privacy", sync_to_thread=False)
    def privacy(self) -> Template:
        return page("about/privacy.html")

    @get("/accessibility", sync_to_thread=False)
    def accessibility(self) -> Template:
        return page("about/accessibility.html")
