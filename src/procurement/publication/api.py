"""The public record for programs: OCDS, bulk files, and what a search finds page by page. No token is asked."""

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from procurement.infra.search import Collection, Hits
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import AnyRequest, Door
from procurement.kernel.actor import NOBODY
from procurement.kernel.refusal import unknown
from procurement.publication import service
from procurement.publication.asked import Asked
from procurement.publication.listed import (
    ListedAward,
    ListedNotice,
    ListedOrganisation,
    award_of,
    notice_of,
    organisation_of,
)
from procurement.publication.ocds.package import Publisher, encoder, record_package, release_package
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.service import finding
from procurement.settings import Settings

PAGE = 50  # items in one answer
JSON = "application/json"


class ListedNotices(msgspec.Struct, frozen=True):
    """One page; `next` is the `after` of the following one, "" at the end. `total` is exact up to 10,000.
    `instead` are the words searched because nothing matched those asked for; `meant` are more usual ones like them."""

    notices: list[ListedNotice]
    total: int
    instead: str
    meant: str
    next: str


class ListedAwards(msgspec.Struct, frozen=True):
    """One page, as of notices."""

    awards: list[ListedAward]
    total: int
    instead: str
    meant: str
    next: str


class ListedOrganisations(msgspec.Struct, frozen=True):
    """One page, as of notices."""

    organisations: list[ListedOrganisation]
    total: int
    instead: str
    meant: str
    next: str


class SearchApi(Controller):
    path = "/api/v1"
    tags = ("public record",)

    @get("/notices", opt=access("public"))
    async def notices(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> ListedNotices:
        """Search, with the parameters of the search page: q, status, kind, source, buyer, supplier, cpv, least, most,
        unvalued, period, since, until, closes, sort, after."""
        hits, items = await _found(request, tx, settings, Collection.NOTICES)
        found = [notice_of(one, tx.now, settings.base_url) for one in items if isinstance(one, Notice)]
        return ListedNotices(found, hits.total, hits.instead, hits.meant, hits.next)

    @get("/awards", opt=access("public"))
    async def awards(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> ListedAwards:
        """Search awards and their contracts: q, kind, source, buyer, supplier, cpv, least, most, unvalued, period,
        since, until, sort, after. Amounts are prices, days those of the award."""
        hits, items = await _found(request, tx, settings, Collection.AWARDS)
        found = [award_of(one, settings.base_url) for one in items if isinstance(one, AwardLine)]
        return ListedAwards(found, hits.total, hits.instead, hits.meant, hits.next)

    @get("/buyers-and-suppliers", opt=access("public"))
    async def organisations(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> ListedOrganisations:
        """Search whoever buys, and whoever has won: q, role, source, sort, after."""
        hits, items = await _found(request, tx, settings, Collection.ORGANISATIONS)
        found = [organisation_of(one, settings.base_url) for one in items if isinstance(one, OrganisationLine)]
        return ListedOrganisations(found, hits.total, hits.instead, hits.meant, hits.next)


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


async def _found(
    request: AnyRequest, tx: Tx, settings: Settings, find: Collection
) -> tuple[Hits, tuple[finding.Item, ...]]:
    asked = Asked.read(request.query_params.multi_items(), find)
    return await finding.find(tx, asked.question(tx.now, PAGE, ZoneInfo(settings.official_timezone)))


ROUTES = (SearchApi, OcdsApi)
