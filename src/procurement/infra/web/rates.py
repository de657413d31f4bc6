"""How much of the service one program may use: by token, and by the real other end where there is none.

Every answer under `/api/` says what is left (draft-ietf-httpapi-ratelimit-headers-10). Pages are counted by the other
end alone, whoever signed in there, so that nobody gets more by inventing sessions: its limit is one for a whole office.
Files of the layout, what checks whether we live, and the record, which whoever verifies reads as a whole, are free; a
page that is kept in memory is answered before anything is counted. A route may have a limit of its own in its `opt`,
also a page. These limits keep room for others and guess-work is not their business, so they fail
open; `infra.ratelimit` says why.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from procurement.infra.ratelimit import Counted, Limit, Limits, peer
from procurement.settings import Settings

MINUTE, HOUR = 60, 3600  # seconds
FREE = ("/static/", "/health/", "/ledger/")  # how addresses begin that are not counted
UPLOADS = {"limit": Limit("upload", 3_000, HOUR)}
"""For the `opt` of routes that take files. A bid of the largest size is under a thousand parts."""


class Rates:
    def __init__(self, limits: Limits, settings: Settings, session_cookie: str) -> None:
        self.limits, self.trusted_proxy, self.session_cookie = limits, settings.trusted_proxy, session_cookie
        self.token = _a_minute("token", settings.api_per_minute)
        self.peer = _a_minute("anonymous", settings.api_per_minute)
        self.pages = _a_minute("pages", settings.pages_per_minute)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        assert scope["type"] == ScopeType.HTTP
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        of_route: Limit | None = scope["route_handler"].opt.get("limit") if scope["method"] in ("POST", "PUT") else None
        api, bearer = scope["path"].startswith("/api/"), connection.headers.get("authorization", "")
        other_end = peer(connection, self.trusted_proxy)
        who = bearer or other_end
        if api:
            counted = [await self._count(self.token if bearer else self.peer, who)]
        else:
            counted = [None if scope["path"].startswith(FREE) else await self._count(self.pages, other_end)]
        if of_route:
            counted.append(await self._count(of_route, who if api else self._session(scope) or who))
        known = [one for one in counted if one]
        for one in known:
            one.must_be_left()
        await next_app(scope, receive, _telling(send, known[0]) if api and known else send)

    async def _count(self, limit: Limit | None, who: str) -> Counted | None:
        return await self.limits.count(limit, who) if limit else None

    def _session(self, scope: HTTPScope) -> str:
        """The browser's session, as it says; "" without one."""
        try:
            held = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return ""
        return held[self.session_cookie].value if self.session_cookie in held else ""


def _a_minute(name: str, times: int) -> Limit | None:
    return Limit(name, times, MINUTE) if times else None


def _telling(send: Send, counted: Counted) -> Send:
    """The answer, with what is left."""
    limit = counted.limit
    told = [
        (b"ratelimit-policy", f'"{limit.name}";q={limit.times};w={limit.seconds}'.encode()),
        (b"ratelimit", f'"{limit.name}";r={max(counted.left, 0)};t={counted.seconds}'.encode()),
    ]

    async def with_rates(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *told]
        await send(message)

    return with_rates
