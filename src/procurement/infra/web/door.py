"""The door: who is asking, and the one transaction in which the request is answered.

A page route is entered with the session cookie, an API route (/api/) only with a bearer token. A route says who
may come in with `opt=access(...)`; the permission itself is asked by the service, where the object is loaded.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra import mode
from procurement.infra.tx import Database, Tx
from procurement.infra.web import csrf, rehearsal, repeated, versions
from procurement.infra.web.answering import OPEN, Open
from procurement.infra.web.fields import arrived, fields
from procurement.kernel.actor import NOBODY, Actor
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused

AnyRequest = Request[Any, Any, Any]
API = "/api/"
PUBLIC, SIGNED_IN = "public", "signed-in"


def access(who: P | str) -> dict[str, Any]:
    """For a route's `opt`: "public", "signed-in", or the permission that its service asks for."""
    return {"access": str(who)}


def also(*statuses: int) -> dict[str, Any]:
    """For a route's `opt`: refusals that do not follow from how it is declared, for the OpenAPI document."""
    return {"answers": statuses}


def _must_be_let_in(actor: Actor, wanted: str) -> None:
    """Whoever has the route's permission nowhere is refused before anything of the request is looked at."""
    if wanted != PUBLIC:
        actor.must_be_somebody()
    if wanted not in (PUBLIC, SIGNED_IN):
        actor.must_somewhere(P(wanted))


def _must_not_only_read(actor: Actor) -> None:
    if actor.only_reads:
        raise Refused("not-permitted", "This token was made for reading. Use one that may change things.", status=403)


class SignedIn(msgspec.Struct, frozen=True):
    """An actor with the session or bearer token that proved it. `session` is that row's public id."""

    actor: Actor
    session: str


Recognise = Callable[[AsyncSession, str, datetime], Awaitable[SignedIn | None]]


class Cookies(msgspec.Struct, frozen=True):
    """Names and flags: `__Host-` and Secure wherever the service is reached by HTTPS."""

    secure: bool

    @property
    def session(self) -> str:
        return "__Host-session" if self.secure else "session"

    @property
    def visit(self) -> str:
        return "__Host-visit" if self.secure else "visit"


class Door:
    def __init__(self, database: Database, by_session: Recognise, by_bearer: Recognise, base_url: str) -> None:
        self.database, self.by_session, self.by_bearer = database, by_session, by_bearer
        self.cookies = Cookies(secure=base_url.startswith("https://"))

    @asynccontextmanager
    async def open(self, request: AnyRequest) -> AsyncIterator[Tx]:
        """One transaction for this request, with its actor. A refusal's fact is recorded after the rollback."""
        actor = NOBODY
        dry = request.state.dry_run = rehearsal.asked(request)
        try:
            with rehearsal.forgiven():
                async with self.database.begin(NOBODY) as tx:
                    request.state.mode = standing = await mode.current(tx)
                    tx.session.info["standby"] = standing.standby
                    actor = tx.actor = await self._recognise(request, tx)
                    self._remember(request, tx)
                    if _changes(request):
                        mode.must_take_changes(standing, tx.real_now)
                    _must_be_let_in(actor, str(request.route_handler.opt.get("access")))
                    if _changes(request):
                        _must_not_only_read(actor)
                    yield tx
                    if dry:
                        await rehearsal.undo(tx)
        except Refused as no:
            if not dry:
                await self.database.record_refused(actor, no)
            raise

    def check_token(self, request: AnyRequest, given: str) -> None:
        """For forms that are read as a stream: their token comes before the file."""
        csrf.check_token(given, self.browser(request))

    def browser(self, request: AnyRequest) -> str:
        """The secret that only this browser and we know: its session, before sign-in its visit, "" without either."""
        return request.cookies.get(self.cookies.session) or request.cookies.get(self.cookies.visit) or ""

    async def _recognise(self, request: AnyRequest, tx: Tx) -> Actor:
        if request.url.path.startswith(API):
            scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
            found = await self.by_bearer(tx.session, bearer, tx.real_now) if bearer else None
            if bearer and (found is None or scheme.lower() != "bearer"):
                raise Refused("token-invalid", "This token is unknown, revoked or expired.", status=401)
        else:
            cookie = request.cookies.get(self.cookies.session)
            found = await self.by_session(tx.session, cookie, tx.real_now) if cookie else None
        request.state.session = found.session if found else ""
        return found.actor if found else NOBODY

    def _remember(self, request: AnyRequest, tx: Tx) -> None:
        """What the page frame shows of this request."""
        request.state.actor, request.state.now, request.state.sandbox = tx.actor, tx.now, tx.sandbox
        request.state.typed = {}  # until a form is read: a limit may refuse it before
        cookie = self.browser(request)
        request.state.csrf = csrf.token(cookie) if cookie else ""


async def provide_tx(request: AnyRequest, door: NamedDependency[Door]) -> AsyncIterator[Tx]:
    """The `tx` of every handler: token checked, transaction open, committed before the first byte leaves."""
    async with entered(request, door) as tx:
        yield tx


@asynccontextmanager
async def entered(request: AnyRequest, door: Door) -> AsyncIterator[Tx]:
    """The same for a handler that not always needs one.

    What was sent has arrived before: a slow sender holds no connection to the database.
    """
    form, key = _has_form(request), repeated.has_key(request)
    sent = await fields(request) if form else {}
    body = await arrived(request) if key else b""
    async with door.open(request) as tx:
        if form:
            door.check_token(request, request.headers.get("x-csrf-token") or sent.get("_token", [""])[0])
        if request.url.path.startswith(API):
            first = await repeated.look_up(request, tx, body) if key and not request.state.dry_run else None
            await versions.must_match(request, tx)
            OPEN.set(Open(request, tx, first))
        try:
            yield tx
        finally:
            OPEN.set(None)  # a refused request gives no answer to keep


def _changes(request: AnyRequest) -> bool:
    """Whether this request may change something; a route that only looks at what was sent has "reads" in its `opt`."""
    return request.method not in csrf.SAFE and not request.route_handler.opt.get("reads")


def _has_form(request: AnyRequest) -> bool:
    return request.method not in csrf.SAFE and not request.url.path.startswith(API)
