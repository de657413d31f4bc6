"""What a search finds, to take away as CSV: the newest first, so many rows at most, and read while it is sent."""

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Stream

from procurement.infra.search import Collection, Question
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.csv_file import csv_headers, csv_lines
from procurement.infra.web.door import AnyRequest, Door
from procurement.kernel.actor import NOBODY
from procurement.publication.asked import Asked
from procurement.publication.listed import Listed, ListedAward, ListedNotice, ListedOrganisation, cells, columns, listed
from procurement.publication.pages.found import MOST_ROWS
from procurement.publication.pages.search import asked
from procurement.publication.service import finding
from procurement.settings import Settings

AT_ONCE = 400  # rows of one transaction
SHAPES: dict[Collection, type[Listed]] = {
    Collection.NOTICES: ListedNotice,
    Collection.AWARDS: ListedAward,
    Collection.ORGANISATIONS: ListedOrganisation,
}


class TakeawayPages(Controller):
    include_in_schema = False

    @get("/tenders/found.csv", opt=access("public"))
    async def tenders(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door],
        settings: NamedDependency[Settings],
    ) -> Stream:  # fmt: skip
        return await _file(tx, door, settings, asked(request, Collection.NOTICES), "tenders")

    @get("/awards/found.csv", opt=access("public"))
    async def awards(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door],
        settings: NamedDependency[Settings],
    ) -> Stream:  # fmt: skip
        return await _file(tx, door, settings, asked(request, Collection.AWARDS), "awards")

    @get("/buyers-and-suppliers/found.csv", opt=access("public"))
    async def organisations(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door],
        settings: NamedDependency[Settings],
    ) -> Stream:  # fmt: skip
        return await _file(tx, door, settings, asked(request, Collection.ORGANISATIONS), "buyers-and-suppliers")


async def _file(tx: Tx, door: Door, settings: Settings, wanted: Asked, name: str) -> Stream:
    """Refused("form-invalid") before anything is sent. The name says so where not everything is in it."""
    newest = msgspec.structs.replace(wanted, sort="newest", after="")
    question = newest.question(tx.now, AT_ONCE, ZoneInfo(settings.official_timezone))
    hits, _ = await finding.find(tx, question)
    cut = f"-newest-{MOST_ROWS}" if hits.total > MOST_ROWS else ""
    headers = csv_headers(f"{name}-{tx.now:%Y-%m-%d}{cut}.csv")
    return Stream(_rows(door, question, settings.base_url), media_type="text/csv", headers=headers)


async def _rows(door: Door, question: Question, base_url: str) -> AsyncIterator[bytes]:
    """Some at a time, each time in a transaction that has ended before they leave: a slow reader holds none open."""
    yield csv_lines([columns(SHAPES[question.collection])]).encode("utf-8-sig")
    for _ in range(MOST_ROWS // AT_ONCE):
        async with door.database.begin(NOBODY) as tx:
            hits, items = await finding.find(tx, question)
            rows = [cells(listed(one, tx.now, base_url)) for one in items]
        yield csv_lines(rows).encode()
        if not hits.next:
            return
        question = msgspec.structs.replace(question, after=hits.next, counted=bool(hits.instead))
