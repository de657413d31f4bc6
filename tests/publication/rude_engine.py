"""Something at an engine's address that answers over real HTTP, and says whatever a test wants."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

Say = Callable[["Rude", dict[str, Any]], None]


class Rude(BaseHTTPRequestHandler):
    """One request, answered by the server's `say`."""

    protocol_version = "HTTP/1.1"
    server: "RudeEngine"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, self.headers, msgspec.json.decode(body)))
        self.server.say(self, self.server.asked[-1][2])

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers, {}))
        self.answer(200, b"{}")

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class RudeEngine(ThreadingHTTPServer):
    """`asked` holds path, headers and body of every request."""

    daemon_threads = True

    def __init__(self, say: Say) -> None:
        super().__init__(("127.0.0.1", 0), Rude)
        self.say, self.asked = say, list[tuple[str, Any, dict[str, Any]]]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asks may go away."""


@contextmanager
def rude_engine(say: Say) -> Iterator[RudeEngine]:
    with RudeEngine(say) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def saying(body: bytes, status: int = 200, **headers: str) -> Say:
    return lambda request, asked: request.answer(status, body, **headers)


def answering(result: dict[str, Any]) -> Say:
    """The same result for each query."""

    def say(request: Rude, asked: dict[str, Any]) -> None:
        request.answer(200, msgspec.json.encode({"results": [result for _ in asked["queries"]]}))

    return say


def dripping(request: Rude, asked: dict[str, Any]) -> None:
    """A byte now and then, so that no single wait is long."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    for _ in range(150):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


def silent(request: Rude, asked: dict[str, Any]) -> None:
    time.sleep(15)
