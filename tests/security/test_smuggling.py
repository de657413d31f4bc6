"""What two servers in a row could read differently, ours refuses or ends the connection after (ASVS 5.0: 4.2.1)."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest
from whole_service import free_port

from procurement.settings import Settings

SECOND = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"  # what somebody hides behind the first
LAST = SECOND.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
PATIENCE = 20  # seconds; only a connection that wrongly stays open takes them
FORM = b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
EMPTY, BODY = b"\r\n0\r\n\r\n", b"\r\na=b&c"
WHOLE = b"Content-Length: %d\r\n" % (len(EMPTY) - 2 + len(SECOND))

AMBIGUOUS = {
    "length and chunks": FORM + WHOLE + CHUNKED + EMPTY,
    "chunks and length": FORM + CHUNKED + b"Content-Length: 4\r\n\r\n%x\r\n" % len(SECOND) + SECOND + b"\r\n0\r\n\r\n",
    "space before the colon": FORM + b"Transfer-Encoding : chunked\r\n" + WHOLE + EMPTY,
    "an unknown coding": FORM + b"Transfer-Encoding: xchunked\r\n" + WHOLE + EMPTY,
    "two codings": FORM + CHUNKED + b"Transfer-Encoding: identity\r\n" + EMPTY,
    "chunks that are not last": FORM + b"Transfer-Encoding: chunked, identity\r\n" + EMPTY,
    "no chunks at all": FORM + b"Transfer-Encoding: gzip\r\n\r\n",
    "two lengths": FORM + b"Content-Length: 5\r\n" + WHOLE + BODY,
    "a list of lengths": FORM + b"Content-Length: 5, 5\r\n" + BODY,
    "a length with a sign": FORM + b"Content-Length: +5\r\n" + BODY,
    "a length below nothing": FORM + b"Content-Length: -5\r\n" + BODY,
    "a hexadecimal length": FORM + b"Content-Length: 0x5\r\n" + BODY,
    "a folded header": FORM + b"X: a\r\n Content-Length: 0\r\nContent-Length: 5\r\n" + BODY,
    "a zero byte": FORM + b"X: a\x00b\r\nContent-Length: 5\r\n" + BODY,
    "a carriage return alone": FORM + b"X: a\rContent-Length: 0\r\nContent-Length: 5\r\n" + BODY,
    "a chunk size with 0x": FORM + CHUNKED + b"\r\n0x5\r\na=b&c\r\n0\r\n\r\n",
    "a chunk size beyond 64 bits": FORM + CHUNKED + b"\r\nffffffffffffffff5\r\na=b&c\r\n0\r\n\r\n",
    "a chunk after a line feed": FORM + CHUNKED + b"\r\n5\na=b&c\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": FORM.replace(b"1.1", b"1.0") + CHUNKED + b"Content-Length: 5\r\n" + EMPTY,
}


@pytest.fixture
def port(settings: Settings) -> Iterator[int]:
    """A real server, as `procurement web` runs it."""
    served = msgspec.structs.replace(settings, port=free_port(), log_level="error")
    argv = [sys.executable, "-m", "procurement", "web"]
    server = subprocess.Popen(argv, env=served.environ(), stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while _answers(served.port, LAST)[0] != 1:
        assert server.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    yield served.port
    server.terminate()
    server.wait()


def test_nothing_hides_behind_a_request(port: int, anyio_backend: object) -> None:
    for name, sent in AMBIGUOUS.items():
        answers, first, ended = _answers(port, sent + (b"" if SECOND in sent else SECOND))
        assert answers <= 1, f"{name}: the hidden request was answered"
        assert ended, f"{name}: the connection stays open for what is hidden"
        assert not first or 400 <= first < 500, f"{name}: {first}"
    # and what is plain is answered request by request
    assert _answers(port, SECOND + LAST) == (2, 200, True)
    inside = b"GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(SECOND) + SECOND
    assert _answers(port, inside + LAST) == (2, 200, True), "a body is not a request"


def _answers(port: int, sent: bytes) -> tuple[int, int, bool]:
    """How many answers came, the status of the first, and whether the server ended the connection."""
    came, ended = b"", False
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(sent)
        while True:
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                break
            except ConnectionResetError:
                piece = b""
            came += piece
            if not piece:
                ended = True
                break
    statuses = [part[:3] for part in came.split(b"HTTP/1.1 ")[1:]]
    return len(statuses), int(statuses[0]) if statuses else 0, ended
