"""Reading from a service that may be dishonest: no answer fills the memory, and none is waited for without end."""

import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import httpx

from procurement.verifier.log import Broken

LARGEST = 1 << 30  # bytes of one answer: more than any document of a tender, or page of the log
MALFORMED = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What is raised where something was served in another shape than it should have: no moment, JSON in JSON in JSON."""
SLOWEST = 600.0  # seconds for one whole answer, however steadily its headers or its body drip
REMEMBERED = 8  # newest connections of a client, one of which it reads from
CONNECTED = ("connect_tcp.complete", "start_tls.complete")  # how events of httpx end that bring a connection

_connections: WeakKeyDictionary[httpx.Client, deque[Any]] = WeakKeyDictionary()


def answer(client: httpx.Client, address: str) -> httpx.Response:
    """What stands at an address, whatever its status. Broken when it is too large, httpx.HTTPError when it is not all
    there in time."""
    body = bytearray()
    with _patiently(client, address) as limits, client.stream("GET", address, extensions=limits.extensions) as streamed:
        for piece in streamed.iter_bytes():
            body += piece
            if len(body) > LARGEST:
                raise Broken(f"{streamed.url.path} answers with more than {LARGEST} bytes")
            if limits.late.is_set():  # what comes from no socket cannot be hung up
                break
    return httpx.Response(streamed.status_code, content=bytes(body))


class Limits(NamedTuple):
    """Of one request: what httpx is told to note, and whether its time is over."""

    extensions: dict[str, Any]
    late: threading.Event


@contextmanager
def _patiently(client: httpx.Client, address: str) -> Iterator[Limits]:
    """A limit for the whole of an answer. The client's own limits begin anew with every byte, so a timer hangs up: that
    ends whatever is being waited for. The client makes another connection for its next request."""
    connections, late = _connections.setdefault(client, deque(maxlen=REMEMBERED)), threading.Event()

    def note(event: str, info: dict[str, Any]) -> None:
        if event.endswith(CONNECTED):
            connections.append(info["return_value"])

    def hang_up() -> None:
        late.set()
        for connection in tuple(connections):
            with suppress(OSError):  # one that has ended before
                connection.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SLOWEST, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield Limits({"trace": note}, late)
    except httpx.HTTPError:
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise httpx.ReadTimeout(f"{address} is not all there after {SLOWEST:.0f} seconds")
