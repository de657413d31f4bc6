"""Other publishers' procurements, marked with their source."""

from typing import Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.freshness import PUBLISHED
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.shelf import keep
from procurement.kernel.refusal import unknown
from procurement.publication import service
from procurement.publication.ocds.merge import compiled_release
from procurement.publication.pages.rows import row

MOST = 100  # items, documents or mends on one page; the OCDS record has them all
WEB = ("http://", "https://")  # what may be linked to: other schemes could run here


class Item(msgspec.Struct, frozen=True):
    description: str
    quantity: str
    code: str
    category: str


class Link(msgspec.Struct, frozen=True):
    """A document at its publisher; `url` is "" where it cannot be reached by a browser."""

    title: str
    url: str


class Shown(msgspec.Struct, frozen=True):
    """What the page shows of a compiled release beside its notice."""

    description: str
    procedure: str
    items: list[Item]
    documents: list[Link]


class NoticePages(Controller):
    include_in_schema = False

    @get("/notices/{reference:str}", opt=access("public"))
    async def notice(
        self, request: AnyRequest, tx: NamedDependency[Tx], reference: FromPath[str]
    ) -> Template | Redirect:
        """By our short address or by its OCID."""
        kept = await keep(request, tx, PUBLISHED)
        found = await service.notice(tx, reference)
        if found is None:
            raise unknown("notice")
        if not found.source:
            return see_other(found.path)
        kept.on(found.deadline)
        releases = await service.imported(tx, found.source, found.ocid)
        compiled = compiled_release([release.body for release in releases])
        mends = [mend for release in releases for mend in release.mends]
        context: dict[str, Any] = {"shown": shown(compiled), "releases": releases, "mends": mends, "most": MOST}
        return page("publication/notice.html", row=row(found, tx.now), **context)


def shown(compiled: dict[str, Any]) -> Shown:
    tender = compiled.get("tender") or {}
    return Shown(
        description=str(tender.get("description") or ""),
        procedure=str(tender.get("procurementMethodDetails") or tender.get("procurementMethod") or ""),
        items=[_item(item) for item in (tender.get("items") or ())[:MOST]],
        documents=[_link(document) for document in (tender.get("documents") or ())[:MOST]],
    )


def _item(item: dict[str, Any]) -> Item:
    unit, category = item.get("unit") or {}, item.get("classification") or {}
    quantity = "" if item.get("quantity") is None else f"{item['quantity']} {unit.get('name') or ''}".strip()
    code, label = str(category.get("id") or ""), str(category.get("description") or "")
    return Item(str(item.get("description") or label or item.get("id")), quantity, code, label)


def _link(document: dict[str, Any]) -> Link:
    url = str(document.get("url") or "")
    title = document.get("title") or document.get("documentType") or url or document.get("id")
    return Link(str(title), url if url.startswith(WEB) else "")
