"""/status/outages: when the service was away, for everybody, and the certificate that proves it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Template

from procurement.infra import documents
from procurement.infra.status import certificate
from procurement.infra.status.certificate import Certificate
from procurement.infra.tx import Tx
from procurement.infra.web.door import access, also
from procurement.infra.web.pages import page
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.refusal import Refused, invalid
from procurement.settings import Settings

USUAL = timedelta(days=7)  # shown to whoever names no period
FIRST_YEAR = 2000  # no service is older, and there is no year before 1 to count back to


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
            found = await certificate.outages(tx, period.begin, period.end)
        except Refused as no:
            refused, period, found = no, _period(tx, zone, "", ""), []
        typed = {"since": since, "until": until} if refused else {"since": period.since, "until": period.until}
        return page("status/outages.html", refused=refused, typed=typed, period=period, found=found)

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
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        receipt_key: NamedDependency[SignerKey],
        since: FromQuery[str],
        until: FromQuery[str],
    ) -> Response[bytes]:
        issued = await _issued(tx, settings, receipt_key, since, until)
        text = {"signed": issued, "practice": tx.sandbox, "country": settings.country_name}
        body = await documents.pdf("status/certificate.typ", text, tx.real_now)
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
