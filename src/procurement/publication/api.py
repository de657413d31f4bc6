"""The public record for programs: OCDS packages, bulk files, and the notices page by page. No token is asked."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import AnyRequest, Door
from procurement.kernel.actor import NOBODY
from procurement.kernel.money import Money
from procurement.kernel.refusal import unknown
from procurement.publication import service
from procurement.publication.asked import Asked
from procurement.publication.ocds.package import Publisher, encoder, record_package, release_package
from procurement.publication.rules.notice import Notice
from procurement.settings import Settings

PAGE = 50  # notices in one answer
JSON = "application/json"


class ListedNotice(msgspec.Struct, frozen=True):
    """A procurement as lists show it. `source` is "" for those published here; amounts are minor units."""

    id: str
    ocid: str
    source: str
    title: str
    buyer: str
    buyer_id: str
    kind: str
    status: str
    value: Money | None
    published_at: datetime
    deadline: datetime | None
    awarded_at: datetime | None
    award: Money | None
    suppliers: tuple[str, ...]
    bids: int | None
    address: str


class ListedNotices(msgspec.Struct, frozen=True):
    """One page; `next` is the `after` of the following one, "" at the end. `total` is exact up to 10,000.
    `instead` are the words searched because nothing matched those asked for."""

    notices: list[ListedNotice]
    total: int
    instead: str
    next: str


class NoticesApi(Controller):
    path = "/api/v1/notices"
    tags = ("public record",)

    @get("/", opt=access("public"))
    async def notices(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> ListedNotices:
        """Search, with the parameters of the search page: q, status, kind, source, buyer, supplier, cpv, least, most,
        unvalued, closes, sort, after."""
        wanted = Asked.read(request.query_params.multi_items())
        hits, found = await service.search(tx, wanted.question(tx.now, PAGE))
        listed = [_listed(notice, tx.now, settings.base_url) for notice in found]
        return ListedNotices(listed, hits.total, hits.instead, hits.next)


class OcdsApi(Controller):
    path = "/ocds"
    tags = ("public record",)

    @get("/releases/{ocid:str}", opt=access("public"), media_type=JSON)
    async def releases(
        self,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        ocid: FromPath[str],
        source: FromQuery[str] = "",
    ) -> Response[bytes]:
        """Every release of one procurement, as an OCDS 1.1 release package."""
        bodies = await _bodies(tx, ocid, source)
        return Response(release_package(_publisher(settings, source), ocid, bodies, tx.now), media_type=JSON)

    @get("/record/{ocid:str}", opt=access("public"), media_type=JSON)
    async def record(
        self,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        ocid: FromPath[str],
        source: FromQuery[str] = "",
    ) -> Response[bytes]:
        """One procurement with every release and the compiled one, as an OCDS 1.1 record package."""
        bodies = await _bodies(tx, ocid, source)
        return Response(record_package(_publisher(settings, source), ocid, bodies, tx.now), media_type=JSON)

    @get("/bulk/{year:int}", opt=access("public"))
    async def bulk(self, door: NamedDependency[Door], year: FromPath[int]) -> Stream:
        """Every release published here in a year (UTC), one a line, by date. It is read while it is sent."""
        if not 2000 <= year <= 2200:
            raise unknown("year")
        name = f'attachment; filename="releases-{year}.jsonl"'
        return Stream(_lines(door, year), media_type="application/jsonl", headers={"Content-Disposition": name})


async def _lines(door: Door, year: int) -> AsyncIterator[bytes]:
    """Some at a time, each time in a transaction that has ended before they leave: a slow reader holds none open."""
    after: service.Place | None = None
    while True:
        async with door.database.begin(NOBODY) as tx:
            some = await service.bodies_of_year(tx, year, after)
        if not some:
            return
        for _, body in some:
            yield body + b"\n"
        after = some[-1][0]


async def _bodies(tx: Tx, ocid: str, source: str) -> list[bytes]:
    """Refused("ocid-unknown", 404) when that publisher has no such procurement."""
    if source:
        bodies = [encoder.encode(release.body) for release in await service.imported(tx, source, ocid)]
    else:
        bodies = await service.bodies_of(tx, ocid)
    if not bodies:
        raise unknown("ocid")
    return bodies


def _publisher(settings: Settings, source: str) -> Publisher:
    """Others' releases carry their own publisher's name: we only pass them on, mended."""
    return Publisher(source or settings.country_name, settings.base_url)


def _listed(notice: Notice, now: datetime, base_url: str) -> ListedNotice:
    shared: dict[str, Any] = {
        name: getattr(notice, name) for name in ListedNotice.__struct_fields__ if name not in ("status", "address")
    }
    return ListedNotice(**shared, status=notice.status(now), address=base_url + notice.path)


ROUTES = (NoticesApi, OcdsApi)
