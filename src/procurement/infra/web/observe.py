"""The outermost wrapper: every request gets an id, is counted and timed, and is told in one line of the log.

The line names the route's template, never the address that was asked for: addresses hold ids, links of letters hold
tokens. What is refused for who asked (401, 403) is a warning (ASVS 16.3.2), what broke an error.
"""

import asyncio
import logging
import re
import secrets
import time
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from procurement.infra import traces
from procurement.infra.logs import ASKED, Asked
from procurement.infra.metrics import requests
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import GRANTS, P

ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
HEADER = b"x-request-id"
UNKNOWN, KEPT = "unknown", "kept"  # no route has this address; a page that was kept
QUIET = ("/health/", "/static/")  # asked all day, and of no interest while they answer
SEALED = ("bid:", "payment:pay", "payment:read-own")  # the access of routes that only bidders use
BIDDERS = frozenset(role for role, granted in GRANTS.items() if P.BID_PREPARE in granted)

FAULT, GONE = 500, 499  # no answer was begun: something broke, or nobody waits for it any more

log = logging.getLogger("procurement.requests")


class Observed:
    """`trusted_proxy` is the address whose `X-Request-ID` is kept; everybody else's is made anew."""

    def __init__(self, app: ASGIApp, trusted_proxy: str) -> None:
        self.app, self.trusted_proxy = app, trusted_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        asked = Asked(self._id(scope))
        status, began = FAULT, time.perf_counter()
        ours = [(HEADER, asked.id.encode())]

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *ours]
            await send(message)

        token = ASKED.set(asked)
        try:
            with traces.request(scope) as span:
                try:
                    await self.app(scope, receive, with_id)
                except asyncio.CancelledError:
                    status = GONE if status == FAULT else status
                    raise
                finally:
                    route, seconds = _route(scope, status), time.perf_counter() - began
                    span.end(scope["method"], route, status)
                    requests.count(scope["method"], route, status, seconds)
                    _tell(scope, asked, route, status, seconds)
        finally:
            ASKED.reset(token)

    def _id(self, scope: HTTPScope) -> str:
        client = scope["client"]
        if self.trusted_proxy and client and client[0] == self.trusted_proxy:
            given = next((value for name, value in scope["headers"] if name == HEADER), b"")
            if ID.fullmatch(given):
                return given.decode()
        return secrets.token_hex(8)


def _route(scope: HTTPScope, status: int) -> str:
    """The template of the route that answered; a page from the shelf (infra/web/shelf.py) reached none."""
    return str(scope.get("path_template") or (KEPT if status in (200, 304) else UNKNOWN))


def about_a_bid(handler: Any, route: str) -> bool:
    """Whether who asks for this route bids, or pays a deposit: before the opening no log may tell who, nor for what."""
    wanted = str(handler.opt.get("access", "")) if handler else ""
    return wanted.startswith(SEALED) or "/bid/" in f"{route}/"


def _could_bid(actor: Actor) -> bool:
    """Whoever could not is told, when they try."""
    return any(role in BIDDERS for _, role in (*actor.roles, *actor.withheld))


def _tell(scope: HTTPScope, asked: Asked, route: str, status: int, seconds: float) -> None:
    level = logging.ERROR if status >= 500 else logging.WARNING if status in (401, 403) else logging.INFO
    if level == logging.INFO and route.startswith(QUIET):
        level = logging.DEBUG
    if not log.isEnabledFor(level):
        return
    actor, sealed = scope.get("state", {}).get("actor"), about_a_bid(scope.get("route_handler"), route)
    facts: dict[str, Any] = {
        "request": asked.id,
        "method": scope["method"],
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "actor": actor.name if isinstance(actor, Actor) and not (sealed and _could_bid(actor)) else "",
        "process": "" if sealed else asked.process,
    }
    log.log(level, "refused" if status in (401, 403) else "answered", extra={"facts": facts})
