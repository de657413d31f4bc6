"""Other publishers' procurements, marked with their source."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.kernel.refusal import unknown
from procurement.publication import service
from procurement.publication.ocds.merge import compiled_release
from procurement.publication.pages.rows import row


class NoticePages(Controller):
    include_in_schema = False

    @get("/notices/{reference:str}", opt=access("public"))
    async def notice(self, tx: NamedDependency[Tx], reference: FromPath[str]) -> Template | Redirect:
        """By our short address or by its OCID."""
        found = await service.notice(tx, reference)
        if found is None:
            raise unknown("notice")
        if not found.source:
            return see_other(found.path)
        releases = await service.imported(tx, found.source, found.ocid)
        compiled = compiled_release([release.body for release in releases])
        mends = [mend for release in releases for mend in release.mends]
        return page(
            "publication/notice.html", row=row(found, tx.now), releases=releases, compiled=compiled, mends=mends
        )
