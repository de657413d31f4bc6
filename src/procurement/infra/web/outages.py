"""/status/outages: when the service was away, for everybody, and the certificate that proves it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Stream, Template

from procurement.infra import documents
from procurement.infra.status import certificate, seen
from procurement.infra.status.certificate import Certificate
from procurement.infra.status.seen import Told
from procurement.infra.tx import Database, Tx
from procurement.infra.web.csv_file import csv_headers, csv_lines
from procurement.infra.web.door import access, also
from procurement.infra.web.pages import page
from procurement.kernel.actor import NOBODY
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.outage import Outage
from procurement.kernel.refusal import Refused, invalid
from procurement.settings import Settings

USUAL = timedelta(days=7)  # shown to whoever names no period
FIRST_YEAR = 2000  # no service is older, and there is no year before 1 to count back to
MOST_SHOWN, MOST_PRINTED = 100, 200  # outages on the page, and on paper; the newest
AT_ONCE = 400  # rows of one transaction
COLUMNS = ("part", "seen by", "from", "until", "did not measure", "seen working meanwhile by")


class Period(msgspec.Struct, frozen=True):
    """Two moments as a form sends them, in official time; and what they are."""

    since: str
    until: str
    begin: datetime
    end: datetime


class OutagePages(Controller):
    path = "/status"
    include_in_schema = False

    @get("/outages", opt=access("public"))
    async def outages(
        self,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
    ) -> Template:
        zone, refused = ZoneInfo(settings.official_timezone), None
        try:
            period = _period(tx, zone, since, until)
            found = await certificate.outages(tx, period.begin, period.end, MOST_SHOWN)
        except Refused as no:
            refused, period, found = no, _period(tx, zone, "", ""), Told()
        typed = {"since": since, "until": until} if refused else {"since": period.since, "until": period.until}
        return page("status/outages.html", refused=refused, typed=typed, period=period, found=found)

    @get("/outages.csv", opt=access("public"))
    async def as_csv(
        self,
        tx: NamedDependency[Tx],
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        since: FromQuery[str],
        until: FromQuery[str],
    ) -> Stream:
        """All of a period, in UTC."""
        period = _period(tx, ZoneInfo(settings.official_timezone), since, until)
        begin, end = certificate.period(tx, period.begin, period.end)
        headers = csv_headers(f"outages-{begin:%Y-%m-%d}-{end:%Y-%m-%d}.csv")
        return Stream(_rows(database, begin, end), media_type="text/csv", headers=headers)

    @get("/certificate.json", opt=access("public"))
    async def as_json(
        self,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        receipt_key: NamedDependency[SignerKey],
        since: FromQuery[str],
        until: FromQuery[str],
    ) -> Response[Certificate]:
        return Response(await _issued(tx, settings, receipt_key, since, until), headers=_saved("json"))

    @get("/certificate.pdf", opt=access("public"))
    async def as_pdf(
        self,
        database: NamedDependency[Database],
        settings: NamedDependency[Settings],
        receipt_key: NamedDependency[SignerKey],
        since: FromQuery[str],
        until: FromQuery[str],
    ) -> Response[bytes]:
        """Printed when its transaction has ended: whoever asks for many of them holds no connection of others."""
        async with database.begin(NOBODY) as tx:
            issued = await _issued(tx, settings, receipt_key, since, until)
            at, practice = tx.real_now, tx.sandbox
        text = {"signed": issued, "most": MOST_PRINTED, "practice": practice, "country": settings.country_name}
        body = await documents.pdf("status/certificate.typ", text, at)
        return Response(body, media_type="application/pdf", headers=_saved("pdf"))


class OutageApi(Controller):
    path = "/api/v1/status"
    tags = ("status",)

    @get("/certificate", opt=access("public") | also(422))
    async def certificate(
        self,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        receipt_key: NamedDependency[SignerKey],
        since: FromQuery[datetime],
        until: FromQuery[datetime],
    ) -> Certificate:
        """When parts of the service were away in a period of at most 31 days, signed with the receipt key."""
        return await certificate.issue(tx, receipt_key, settings.base_url, since, until)


async def _issued(tx: Tx, settings: Settings, signer: SignerKey, since: str, until: str) -> Certificate:
    period = _period(tx, ZoneInfo(settings.official_timezone), since, until)
    return await certificate.issue(tx, signer, settings.base_url, period.begin, period.end)


async def _rows(database: Database, since: datetime, until: datetime) -> AsyncIterator[bytes]:
    """Some at a time, each time in a transaction that has ended before they leave: a slow reader holds none open."""
    yield csv_lines([COLUMNS]).encode("utf-8-sig")
    after: tuple[datetime, str] | None = None
    while True:
        async with database.begin(NOBODY) as tx:
            found, after = await seen.following(tx, since, until, after, AT_ONCE)
        yield csv_lines(_cells(one) for one in found).encode()
        if after is None:
            return


def _cells(one: Outage) -> tuple[str, ...]:
    others = (f"{it.source} {it.began_at.isoformat()}/{it.ended_at.isoformat()}" for it in one.contradicted)
    ended = one.ended_at.isoformat() if one.ended_at else ""
    silent = "yes" if one.silent else ""
    return one.component, one.source, one.began_at.isoformat(), ended, silent, "; ".join(others)


def _period(tx: Tx, zone: ZoneInfo, since: str, until: str) -> Period:
    """Refused("form-invalid", 422) for what is no moment."""
    end = _moment(zone, "until", until) if until else tx.real_now
    begin = _moment(zone, "since", since) if since else end - USUAL
    return Period(_typed(begin, zone), _typed(end, zone), begin, end)


def _moment(zone: ZoneInfo, name: str, typed: str) -> datetime:
    """In UTC: what lies between two moments is no difference of two clocks that were set in between."""
    try:
        moment = datetime.strptime(typed, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
        if moment.year < FIRST_YEAR:
            raise ValueError("too early")
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise invalid("That is not a date and time.", **{name: "Choose a date and a time."}) from None


def _typed(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _saved(kind: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="unavailability.{kind}"'}
