"""The change feed for programs: by long poll, or as a stream of server-sent events (WHATWG HTML, 9.2)."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, HeaderParameter, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage
from sqlalchemy.exc import SQLAlchemyError

from procurement.infra.ledger import feed
from procurement.infra.ledger.feed import Page, Wanted
from procurement.infra.ledger.watch import Watch
from procurement.infra.ratelimit import peer
from procurement.infra.web.door import AnyRequest, Door, access, also
from procurement.settings import Settings

LONGEST_WAIT = 60.0  # seconds until a long poll is answered, news or not
LONGEST_STREAM = 600.0  # seconds after which a stream ends: its reader comes back, perhaps to a newer process
HEARTBEAT = 15.0  # seconds after which a silent stream says that it lives
UNCOMPRESSED = {"uncompressed": True}  # a compressor would keep an event until more have come
COME_BACK = 1_000  # milliseconds after which the reader of a stream that ended connects again

Types = Annotated[list[str] | None, QueryParameter(name="type", description="Only facts of these types.")]
Process = Annotated[str, QueryParameter(description="Only this procurement, by OCID.")]
After = Annotated[int, QueryParameter(description="The index that was read last; -1 for none.")]


class Feed(Controller):
    path = "/api/v1/feed"
    tags = ("public record",)

    @get("/", opt=access("public") | also(409))
    async def changes(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        watch: NamedDependency[Watch],
        settings: NamedDependency[Settings],
        after: After = feed.BEGINNING,
        limit: FromQuery[int] = 100,
        wait: FromQuery[float] = 0.0,
        types: Types = None,
        process: Process = "",
    ) -> Page:
        """What happened after an index, at most 500 changes. With `wait` (up to 60 seconds) and nothing there, the
        answer comes as soon as something is."""
        wanted, many = Wanted(frozenset(types or ()), process), min(max(limit, 1), feed.PAGE)
        found = await _first(request, door, after, many, wanted)
        if found.changes or found.next < found.head or not wait > 0:
            return found
        who = peer(request, settings.trusted_proxy)
        watch.must_have_room(who)
        with watch.place(who):
            news = watch.following(found.next, many, wanted, min(wait, LONGEST_WAIT))
            return await _while_there(request, news) or found

    @get("/stream", opt=access("public") | also(409) | UNCOMPRESSED)
    async def stream(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        watch: NamedDependency[Watch],
        settings: NamedDependency[Settings],
        after: After = feed.BEGINNING,
        last: Annotated[int | None, HeaderParameter(name="Last-Event-ID")] = None,
        types: Types = None,
        process: Process = "",
    ) -> ServerSentEvent:
        """The same as server-sent events, for ten minutes at most: `id` is the index, `data` one change as JSON.
        `Last-Event-ID` goes on where a stream ended, as browsers do by themselves."""
        wanted = Wanted(frozenset(types or ()), process)
        who = peer(request, settings.trusted_proxy)
        watch.must_have_room(who)
        found = await _first(request, door, after if last is None else last, feed.PAGE, wanted)
        return ServerSentEvent(_events(watch, who, found, wanted))


async def _first(request: AnyRequest, door: Door, after: int, limit: int, wanted: Wanted) -> Page:
    """Read in a transaction that has ended before anybody waits."""
    async with door.open(request) as tx:
        return await feed.page(tx.session, max(after, feed.BEGINNING), limit, wanted)


async def _events(watch: Watch, who: str, found: Page, wanted: Wanted) -> AsyncIterator[ServerSentEventMessage]:
    """Each change, and now and then the position alone, which takes a reader past what its filter left out."""
    until, told = time.monotonic() + LONGEST_STREAM, None
    yield ServerSentEventMessage(data=None, comment="the public record", retry=COME_BACK)
    with watch.place(who), suppress(SQLAlchemyError, OSError):  # without the database it ends, and its reader returns
        while True:
            for change in found.changes:
                yield ServerSentEventMessage(id=change.index, data=msgspec.json.encode(change))
                told = change.index
            if told != found.next:
                yield ServerSentEventMessage(id=found.next, data=None, comment="so far")
                told = found.next
            elif not found.changes:
                yield ServerSentEventMessage(data=None, comment="still here")
            if watch.ended or time.monotonic() > until:
                return
            found = await watch.following(found.next, feed.PAGE, wanted, HEARTBEAT)


async def _while_there(request: AnyRequest, answer: Coroutine[Any, Any, Page]) -> Page | None:
    """The answer, or nothing as soon as the reader has gone: nobody's place is kept."""
    working, leaving = asyncio.create_task(answer), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        for task in (working, leaving):
            task.cancel()


async def _gone(request: AnyRequest) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
