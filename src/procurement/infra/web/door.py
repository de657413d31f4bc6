"""The door: who is asking, and the one transaction in which the request is answered.

A page route is entered with the session cookie, an API route (/api/) only with a bearer token. A route says who
may come in with `opt=access(...)`; the permission itself is asked by the service, where the object is loaded.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.serialization import get_serializer
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra import idempotency
from procurement.infra.tx import Database, Tx
from procurement.infra.web import csrf
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


def _must_be_let_in(actor: Actor, wanted: str) -> None:
    """Whoever has the route's permission nowhere is refused before anything of the request is looked at."""
    if wanted != PUBLIC:
        actor.must_be_somebody()
    if wanted not in (PUBLIC, SIGNED_IN):
        actor.must_somewhere(P(wanted))


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
        try:
            async with self.database.begin(NOBODY) as tx:
                actor = tx.actor = await self._recognise(request, tx)
                self._remember(request, tx)
                _must_be_let_in(actor, str(request.route_handler.opt.get("access")))
                yield tx
        except Refused as no:
            await self.database.record_refused(actor, no)
            raise

    def check_token(self, request: AnyRequest, given: str) -> None:
        """For forms that are read as a stream: their token comes before the file."""
        csrf.check_token(given, self._cookie(request))

    def _cookie(self, request: AnyRequest) -> str:
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
        cookie = self._cookie(request)
        request.state.csrf = csrf.token(cookie) if cookie else ""


async def provide_tx(request: AnyRequest, door: NamedDependency[Door]) -> AsyncIterator[Tx]:
    """The `tx` of every handler: token checked, transaction open, committed before the first byte leaves.

    What was sent has arrived before: a slow sender holds no connection to the database.
    """
    form, key = _has_form(request), _has_key(request)
    sent = await fields(request) if form else {}
    body = await arrived(request) if key else b""
    async with door.open(request) as tx:
        if form:
            door.check_token(request, request.headers.get("x-csrf-token") or sent.get("_token", [""])[0])
        if key:
            await _look_up_key(request, tx, body)
        try:
            yield tx
        finally:
            PENDING.set(None)  # a refused request gives no answer to keep


PENDING: ContextVar[tuple[Tx, str, bytes] | None] = ContextVar("PENDING", default=None)
"""The key whose first answer this request is about to give."""


class Answered(Exception):
    """This request was answered before: give that answer again."""

    def __init__(self, answer: idempotency.Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


def _has_form(request: AnyRequest) -> bool:
    return request.method not in csrf.SAFE and not request.url.path.startswith(API)


def _has_key(request: AnyRequest) -> bool:
    own = request.route_handler.opt.get("idempotency") == "own"  # the stage keeps its own keys
    unsafe = request.method not in csrf.SAFE and request.url.path.startswith(API)
    return unsafe and not own and "idempotency-key" in request.headers


async def _look_up_key(request: AnyRequest, tx: Tx, body: bytes) -> None:
    key = request.headers["idempotency-key"]
    wanted = idempotency.fingerprint(request.method, request.url.path, body)
    if answer := await idempotency.earlier(tx, key, wanted):
        raise Answered(answer)
    PENDING.set((tx, key, wanted))


async def keep_answer(response: Any) -> Any:
    """Runs before the commit: the answer to an `Idempotency-Key` is stored with what it answers."""
    if (pending := PENDING.get()) and isinstance(response, Response):
        PENDING.set(None)
        tx, key, wanted = pending
        media = str(getattr(response.media_type, "value", response.media_type) or "application/json")
        encode = get_serializer(response.response_type_encoders)
        body = response.render(response.content, media, encode)
        headers = {**response.headers, "content-type": media}
        await idempotency.keep(tx, key, wanted, idempotency.Answer(response.status_code or 200, headers, body))
    return response
