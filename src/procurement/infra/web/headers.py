"""The outermost wrapper: security headers on every answer, errors and unknown addresses included.

It also refuses what another site sent (ASVS 3.5.1) and gives visitors the cookie that form tokens are bound to, with
the first page that has a form: who only reads is given none.
"""

import secrets
from http.cookies import CookieError, SimpleCookie

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from procurement.infra.web import csrf
from procurement.infra.web.door import API, Cookies
from procurement.infra.web.shelf import may_be_kept
from procurement.kernel.refusal import Refused

CSP = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",  # as frame-ancestors, for browsers and scanners that only know this one
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
HSTS = {"strict-transport-security": "max-age=63072000; includeSubDomains"}
TRY_AGAIN = (429, 503)  # no answer of these leaves without saying when
VISIT = 180 * 86400  # seconds
PAYING = "/payments/"


class Headers:
    def __init__(self, app: ASGIApp, base_url: str, pays_at: str = "") -> None:
        """`pays_at` is the origin of the card service's pages: a form under PAYING may lead there."""
        self.app, self.origin = app, csrf.origin_of(base_url)
        self.cookies = Cookies(secure=base_url.startswith("https://"))
        always = ALWAYS | (HSTS if self.cookies.secure else {})
        self.always = [(name.encode(), value.encode()) for name, value in always.items()]
        leads_there = {"content-security-policy": CSP.replace("form-action 'self'", f"form-action 'self' {pays_at}")}
        paying = always | (leads_there if pays_at else {})
        self.on_paying = [(name.encode(), value.encode()) for name, value in paying.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        incoming = dict(scope["headers"])
        visit = self._new_visit(scope, incoming)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                names = {name.lower() for name, _ in given}
                always = self.on_paying if scope["path"].startswith(PAYING) else self.always
                given += [(name, value) for name, value in always if name not in names]
                if message["status"] in TRY_AGAIN and b"retry-after" not in names:
                    given.append((b"retry-after", b"60"))
                if b"cache-control" not in names and not may_be_kept(scope):
                    given.append((b"cache-control", b"no-store"))
                message["headers"] = given + (visit if "token_given" in scope["state"] else [])
            await send(message)

        try:
            if scope["method"] not in csrf.SAFE and not scope["path"].startswith(API):
                csrf.check_origin(incoming, self.origin)
        except Refused as no:
            await _refuse(no, with_headers)
        else:
            await self.app(scope, receive, with_headers)

    def _new_visit(self, scope: HTTPScope, incoming: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """The cookie for a visitor without one: a form of this very page is already bound to it."""
        if scope["path"].startswith((API, "/static/", "/health/")) or scope["method"] not in csrf.SAFE:
            return []
        try:
            held = SimpleCookie(incoming.get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            held = SimpleCookie()
        if self.cookies.visit in held or self.cookies.session in held:
            return []
        fresh = secrets.token_urlsafe(32)
        together = [value for value in (incoming.get(b"cookie"), f"{self.cookies.visit}={fresh}".encode()) if value]
        scope["headers"] = [(n, v) for n, v in scope["headers"] if n != b"cookie"] + [(b"cookie", b"; ".join(together))]
        flags = "; Secure" if self.cookies.secure else ""
        value = f"{self.cookies.visit}={fresh}; Path=/; HttpOnly; SameSite=Lax; Max-Age={VISIT}{flags}"
        return [(b"set-cookie", value.encode())]


async def _refuse(no: Refused, send: Send) -> None:
    body = msgspec.json.encode(
        {"type": f"/problems/{no.code}", "title": "Foreign origin", "status": no.status, "detail": no.detail}
    )
    start = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": no.status, "headers": start})
    await send({"type": "http.response.body", "body": body, "more_body": False})
