"""Visitors who ask again as soon as they are answered, each on one connection that is kept.

They cost less than what they measure: no client library, one write and one search for the end of the head a request.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from procurement.bench import CannotMeasure

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
PATIENCE = 15.0  # seconds for the last answers
NO_BODY = b"HTTP/1.1 304 "
GOOD = (b"HTTP/1.1 200 ", NO_BODY)


async def visits(address: str, asked: Iterator[tuple[str, str]], visitors: int, seconds: float) -> list[float]:
    """The seconds each request took; `asked` gives a path and a header line, "" for none. Raises CannotMeasure."""
    host = urlsplit(address).netloc
    requests = (f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\n".encode() for path, header in asked)
    return await calls(address, [requests] * visitors, seconds, GOOD)


async def calls(
    address: str,
    requests: Sequence[Iterator[bytes]],
    seconds: float,
    good: tuple[bytes, ...],
    bodies: list[bytes] | None = None,
) -> list[float]:
    """The seconds each request took. Each visitor has its own iterator of whole requests, or shares one; an answer has
    to begin as one of `good`, and its body is added to `bodies`, if given. Raises CannotMeasure."""
    loop, where = asyncio.get_running_loop(), urlsplit(address)
    ends, taken = loop.time() + seconds, list[float]()
    everybody = [_Visitor(asked, good, ends, taken, bodies) for asked in requests]
    try:
        for visitor in everybody:
            await loop.create_connection(partial(_itself, visitor), str(where.hostname), where.port or 80)
        await asyncio.wait_for(asyncio.gather(*(visitor.done for visitor in everybody)), seconds + PATIENCE)
    except OSError as broken:
        raise CannotMeasure(f"{address} stopped answering ({broken}).") from None
    finally:
        for visitor in everybody:
            visitor.leave()
    return taken


def _itself(visitor: "_Visitor") -> "_Visitor":
    return visitor


class _Visitor(asyncio.Protocol):
    def __init__(
        self,
        asked: Iterator[bytes],
        good: tuple[bytes, ...],
        ends: float,
        taken: list[float],
        bodies: list[bytes] | None,
    ) -> None:
        self.asked, self.good, self.ends, self.taken, self.bodies = asked, good, ends, taken, bodies
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.transport: asyncio.Transport | None = None
        self.got, self.head, self.missing, self.sent, self.since = bytearray(), 0, -1, b"", 0.0

    def leave(self) -> None:
        if self.transport is not None:
            self.transport.close()
        self.done.cancel()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.got += data
        if self.missing < 0:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return
            self.head = end + 4
            self.missing = self.head + self._length(bytes(self.got[: end + 2]))
        if len(self.got) >= self.missing and not self.done.done():
            self.taken.append(time.perf_counter() - self.since)
            if self.bodies is not None:
                self.bodies.append(bytes(self.got[self.head :]))
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the connection was closed"))

    def _ask(self) -> None:
        if self.loop.time() >= self.ends:
            self.done.set_result(None)
            return
        self.sent = next(self.asked)
        self.got, self.missing, self.since = bytearray(), -1, time.perf_counter()
        assert self.transport is not None
        self.transport.write(self.sent)

    def _length(self, head: bytes) -> int:
        """Bytes of the body."""
        length = LENGTH.search(head)
        if not head.startswith(self.good) or (not length and not head.startswith(NO_BODY)):
            said, path = head.split(b"\r\n")[0].decode(), self.sent.split(b" ", 2)[1].decode()
            self.done.set_exception(CannotMeasure(f"{path} answers {said}."))
        return int(length[1]) if length else 0
