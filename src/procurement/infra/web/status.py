"""/status: the state of the service for everybody. It answers, shortly, even when the database does not."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Template
from sqlalchemy.exc import SQLAlchemyError

from procurement.infra import mode
from procurement.infra.mode import Mode
from procurement.infra.search import meili
from procurement.infra.status import probers, service
from procurement.infra.status.rules import Component, Part, State
from procurement.infra.status.service import Measured, Source, Told
from procurement.infra.tx import Database, Tx
from procurement.infra.web.door import AnyRequest, access, also
from procurement.infra.web.forms import read_form
from procurement.infra.web.pages import page, see_other
from procurement.kernel.actor import NOBODY
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

MOST = 1500  # measurements in one report of a prober: a day, one a minute, and some
HEADER = "x-probe-token"
LOST = (SQLAlchemyError, OSError, TimeoutError)


class Standing(msgspec.Struct, frozen=True):
    """The state of the service. Without the database `reachable` is false and nothing else is known. `simpler_search`:
    searching works, but forgives less, for its usual engine is away."""

    reachable: bool
    at: datetime | None = None
    mode: Mode = Mode()
    parts: tuple[Part, ...] = ()
    incidents: tuple[Told, ...] = ()
    simpler_search: bool = False

    @property
    def state(self) -> State:
        """Of the whole: as its worst part."""
        states = {part.state for part in self.parts}
        order = (State.DOWN, State.DISTURBED, State.WORKS)
        return next((state for state in order if state in states), State.UNKNOWN) if self.reachable else State.DOWN


class ProbeReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the prober called `source` saw, measurement by measurement."""

    source: Source
    measured: Annotated[list[Measured], msgspec.Meta(max_length=MOST)]


class IncidentForm(msgspec.Struct):
    title: str
    text: str
    component: str = ""


class NoteForm(msgspec.Struct):
    text: str
    over: str = ""


class StatusPages(Controller):
    path = "/status"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def status(self, request: Request[Any, Any, Any], database: NamedDependency[Database]) -> Template:
        standing = await _standing(database)
        request.state.sandbox = bool(database.sandbox)
        request.state.now, request.state.mode = standing.at, standing.mode
        return page("status/status.html", standing=standing, status=200 if standing.reachable else 503)

    @get("/incidents", opt=access(P.SERVICE_OPERATE))
    async def incidents(self, tx: NamedDependency[Tx]) -> Template:
        return await _incidents(tx)

    @post("/incidents", opt=access(P.SERVICE_OPERATE) | {"reads": True})
    async def report(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, IncidentForm)
            await service.report(tx, form.component, form.title, form.text)
        return await _incidents(tx, tried.refused) if tried.refused else see_other("/status/incidents")

    @post("/incidents/{incident_id:str}", opt=access(P.SERVICE_OPERATE) | {"reads": True})
    async def note(self, request: AnyRequest, tx: NamedDependency[Tx], incident_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, NoteForm)
            await service.add_note(tx, incident_id, form.text, over=form.over == "yes")
        if tried.refused and tried.refused.status == 404:
            raise tried.refused
        return await _incidents(tx, tried.refused) if tried.refused else see_other("/status/incidents")


class StatusApi(Controller):
    path = "/api/v1"
    tags = ("status",)

    @get("/status", opt=access("public"))
    async def status(self, database: NamedDependency[Database]) -> Response[Standing]:
        """Every part of the service now and on the last 90 days, and incidents; 503 while the database is away."""
        standing = await _standing(database)
        return Response(standing, status_code=200 if standing.reachable else 503)

    @post("/probes", opt=access("public") | also(403) | {"reads": True, "idempotency": "own"}, status_code=204)
    async def probe(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        settings: NamedDependency[Settings],
        data: JSONBody[ProbeReport],
    ) -> None:
        """What an outside prober measured; `procurement probe` sends this. It needs the header `X-Probe-Token`, with
        the token of the prober that it names as `source`.

        Sending a report twice counts it once.
        """
        probers.must_be(data.source, request.headers.get(HEADER, ""), probers.tokens(settings.probe_tokens))
        await service.count_probe(tx, data.source, data.measured)


async def _standing(database: Database) -> Standing:
    try:
        async with database.begin(NOBODY) as tx:
            parts, told = await service.standing(tx), await service.incidents(tx)
            return Standing(True, tx.real_now, await mode.current(tx), parts, told, _search_is_simpler(tx))
    except LOST:
        return Standing(False)


def _search_is_simpler(tx: Tx) -> bool:
    """As this process last saw it."""
    engine = meili.of(tx)
    return engine is not None and engine.replaced


async def _incidents(tx: Tx, refused: Refused | None = None) -> Template:
    told, windows = await service.incidents(tx), await mode.windows(tx, tx.now - service.SHOWN)
    return page("status/incidents.html", refused=refused, incidents=told, components=["", *Component], windows=windows)
