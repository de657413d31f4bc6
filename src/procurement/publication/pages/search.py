"""Finding a tender: words, filters that live in the address, pages that cost the same however many there are."""

from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from procurement.infra.freshness import PUBLISHED
from procurement.infra.search import COUNTED, Hits, Question
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import Depends, keep
from procurement.kernel.refusal import Refused
from procurement.publication import service
from procurement.publication.asked import Asked
from procurement.publication.pages.rows import Row, row

EMPTY = Hits((), 0, "", {})


def asked(request: AnyRequest) -> Asked:
    return Asked.read(request.query_params.multi_items())


class SearchPages(Controller):
    include_in_schema = False

    @get("/tenders", opt=access("public"))
    async def tenders(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Template:
        kept = await keep(request, tx, PUBLISHED)
        return await _found(tx, asked(request), kept, "/tenders", "publication/search.html")

    @get("/awards", opt=access("public"))
    async def awards(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Template:
        """Our awards and others', the latest first."""
        await keep(request, tx, PUBLISHED)
        question = Question(statuses=("awarded",), sort="awarded", after=asked(request).after)
        hits, notices = await service.search(tx, question)
        rows = [row(notice, tx.now) for notice in notices]
        return page("publication/awards.html", rows=rows, hits=hits, counted=COUNTED)


async def _found(tx: Tx, wanted: Asked, kept: Depends, path: str, template: str) -> Template:
    refused: Refused | None = None
    hits, rows = EMPTY, list[Row]()
    try:
        hits, notices = await service.search(tx, wanted.question(tx.now))
        kept.on(*(notice.deadline for notice in notices))
        rows = [row(notice, tx.now, hits.instead or wanted.q) for notice in notices]
    except Refused as no:
        if no.status != 422:
            raise
        refused = no
    context: dict[str, Any] = {"asked": wanted, "hits": hits, "rows": rows, "path": path, "counted": COUNTED}
    return page(template, refused=refused, **context)
