"""Public pages are kept in memory, and given again only while they are exactly what would be made anew.

A handler says what its page depends on (`keep`); before each use the database is asked whether that still holds:
the last public entry of the procurement, the lists, the legal time. A page is kept until the next whole minute at
most, for countdowns, and never across a moment its handler names: at the deadline it is another page.

Whoever sends the ETag of a page that has not changed is answered 304. Only visitors without an account are served
from here, and what they get carries no cookie and no form token.
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from procurement.infra import freshness
from procurement.infra.freshness import Freshness, Known, Versions
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest

ROOM = 64 * 1024 * 1024  # bytes of all kept pages of one process
SMALL = 512 * 1024  # a larger page is not kept
WORTH_PACKING = 600  # bytes
MINUTE = timedelta(minutes=1)
OWN = {b"set-cookie", b"etag", b"cache-control"}  # whoever says these has other plans with the answer
REPLACED = {b"content-length", b"content-encoding", b"vary"}
REVALIDATE = b"public, no-cache"  # anybody may keep it, and asks each time whether it still holds


class Depends(msgspec.Struct):
    """What a page was made from: versions read before its data, and the time in which it stays the same by itself."""

    versions: Versions
    since: datetime
    until: datetime

    def on(self, *moments: object) -> None:
        """At these moments of legal time it becomes another page; what is past, or no moment, does not count."""
        coming = [one for one in moments if isinstance(one, datetime) and one > self.since]
        self.until = min([self.until, *coming])


async def keep(request: AnyRequest, tx: Tx, *topics: str) -> Depends:
    """Let this answer be kept while `topics` are unchanged. Call it before reading what they version."""
    depends = Depends({}, tx.now, tx.now.replace(second=0, microsecond=0) + MINUTE)
    if not tx.actor.person:
        depends.versions = await freshness.versions(tx.session, topics)
        request.state.kept, request.state.kept_of = depends, tx.session.info
    return depends


def may_be_kept(scope: Scope) -> bool:
    """Whether its handler said what the answer depends on, it holds nothing of this visitor's alone, and nothing that
    a reserve only answered in another's place."""
    state = scope.get("state", {})
    return "kept" in state and "token_given" not in state and freshness.PASSING not in state["kept_of"]


class Kept(msgspec.Struct, frozen=True):
    """`headers` go with every answer, 304 too; `packed` is the body as gzip, empty where that is not worth it."""

    depends: Depends
    tag: bytes
    headers: list[tuple[bytes, bytes]]
    plain: bytes
    packed: bytes

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return len(self.plain) + len(self.packed) + sum(len(name) + len(value) for name, value in self.headers)

    def holds(self, known: Known) -> bool:
        """Whether making it anew would give the same."""
        same = all(known.versions.get(topic) == version for topic, version in self.depends.versions.items())
        return same and self.depends.since <= known.now < self.depends.until


class Shelf:
    def __init__(self, app: ASGIApp, fresh: Freshness, session: str) -> None:
        self.app, self.fresh, self.session = app, fresh, session.encode() + b"="
        self.pages: OrderedDict[tuple[str, bytes], Kept] = OrderedDict()
        self.used = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        incoming = dict(scope["headers"])
        if b"authorization" in incoming or self.session in incoming.get(b"cookie", b""):
            await self.app(scope, receive, send)
            return
        address = (scope["path"], scope["query_string"])
        anew = incoming.get(b"cache-control") == b"no-cache"  # as browsers ask when a person reloads with force
        if not anew and (kept := self.pages.get(address)) and await self._still_holds(kept):
            self.pages.move_to_end(address)
            await _give(kept, incoming, send)
        else:
            await self.app(scope, receive, _Taking(self, scope, address, incoming, send))

    async def _still_holds(self, kept: Kept) -> bool:
        try:
            return kept.holds(await self.fresh.ask(kept.depends.versions))
        except Exception:  # whatever hinders asking: the page is made anew, or says itself what is wrong
            return False

    def put(self, address: tuple[str, bytes], page: Kept) -> None:
        """The newest in place of an older one; those not used for longest make room."""
        if old := self.pages.pop(address, None):
            self.used -= _room(address, old)
        self.pages[address] = page
        self.used += _room(address, page)
        while self.used > ROOM:
            self.used -= _room(*self.pages.popitem(last=False))


def _room(address: tuple[str, bytes], page: Kept) -> int:
    """What a page takes with its address, which may be longer than the page."""
    return len(address[0]) + len(address[1]) + page.size


class _Taking:
    """The way out of an answer that may be kept: it is taken whole, kept, and then sent."""

    def __init__(
        self, shelf: Shelf, scope: HTTPScope, address: tuple[str, bytes], incoming: dict[bytes, bytes], send: Send
    ) -> None:
        self.shelf, self.scope, self.address, self.incoming, self.send = shelf, scope, address, incoming, send
        self.start: Any = None
        self.parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._may_be_kept(message["status"], message["headers"]):
            self.start = message
        elif self.start is None:
            await self.send(message)
        elif message["type"] == "http.response.body":
            self.parts.append(message["body"])
            if not message["more_body"]:
                await self._finish(b"".join(self.parts))

    def _may_be_kept(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        return status == 200 and may_be_kept(self.scope) and not OWN & {name for name, _ in headers}

    async def _finish(self, body: bytes) -> None:
        given = self.start["headers"]
        plain = gzip.decompress(body) if (b"content-encoding", b"gzip") in given else body
        tag = b'W/"' + hashlib.sha256(plain).hexdigest()[:32].encode() + b'"'
        packed = gzip.compress(plain, 6, mtime=0) if len(plain) > WORTH_PACKING else b""
        headers = [(name, value) for name, value in given if name not in REPLACED]
        headers += [(b"etag", tag), (b"cache-control", REVALIDATE), (b"vary", b"accept-encoding, cookie")]
        page = Kept(self.scope["state"]["kept"], tag, headers, plain, packed)
        if len(plain) <= SMALL:
            self.shelf.put(self.address, page)
        await _give(page, self.incoming, self.send)


async def _give(page: Kept, incoming: dict[bytes, bytes], send: Send) -> None:
    if (wanted := incoming.get(b"if-none-match")) and _same(wanted, page.tag):
        await _send(send, 304, page.headers, b"")
    elif page.packed and b"gzip" in incoming.get(b"accept-encoding", b""):
        await _send(send, 200, [*page.headers, (b"content-encoding", b"gzip"), _length(page.packed)], page.packed)
    else:
        await _send(send, 200, [*page.headers, _length(page.plain)], page.plain)


def _length(body: bytes) -> tuple[bytes, bytes]:
    return b"content-length", str(len(body)).encode()


def _same(wanted: bytes, tag: bytes) -> bool:
    """RFC 9110, 13.1.2: a weak comparison with each of the list."""
    return wanted == b"*" or tag[2:] in [one.strip().removeprefix(b"W/") for one in wanted.split(b",")]


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
