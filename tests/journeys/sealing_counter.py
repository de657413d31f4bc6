"""A counter that takes sealed bids over HTTP and keeps them in a folder: what a browser that seals talks to.

It speaks as `bids.pages.device` does, with that module's own structures, and judges nothing: the test does.
"""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import chromium
import msgspec
from public_record import PublicRecord

from procurement.bids.pages.device import Answer, Begun, Keyed, Received, Stored
from procurement.bids.service.device import Asked, Started
from procurement.infra.web.headers import ALWAYS
from procurement.kernel.sealing import Blob

ROOT = Path(__file__).parents[2]
BUNDLE = """
import {{ build }} from "{0}/frontend/node_modules/esbuild/lib/main.js";
await build({{ entryPoints: {{ sealer: "{0}/tests/journeys/sealer.js", worker: "{0}/frontend/js/seal/worker.js" }},
  outdir: "{1}", bundle: true, format: "esm", nodePaths: ["{0}/frontend/node_modules"] }});
"""
PAGE = b'<!doctype html><html lang="en"><title>Sealer</title><script type="module" src="/sealer.js"></script></html>'


class Counter:
    """`asked` is what the next bid is told; `parts`, `begun` and `offer` are what came of it. What each bid is
    sealed to is published in `record` before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Asked
        self.record = PublicRecord()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Taker", (Taker,), {"counter": self}))
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        chromium.node(BUNDLE.format(ROOT, self.folder))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def expect(self, asked: Asked, later: dict[str, Any] | None = None, **recorded: Any) -> None:
        """A new bid begins; `later` is what is told otherwise once it has begun, `recorded` what the record says beside
        it (see PublicRecord.publish)."""
        self.record.publish(asked, **recorded)
        self.asked, self.parts, self.later = asked, set[str](), later or {}
        self.begun: Begun | None = None
        self.offer: Keyed | None = None

    def started(self) -> Asked:
        begun = self.begun
        began = Started(begun.recipient, begun.lock, bid="") if begun else None
        return msgspec.structs.replace(self.asked, started=began, **(self.later if began else {}))

    def part(self, sha256: str) -> bytes:
        return (self.folder / sha256).read_bytes()


class Taker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    counter: Counter

    def do_GET(self) -> None:
        name = self.path.removeprefix("/")
        if name in ("sealer.js", "worker.js"):
            self._answer((self.counter.folder / name).read_bytes(), "text/javascript")
        elif name == "calls/asked":
            self._tell(Answer(self.counter.started(), "token"))
        elif name == "calls/parts":
            self._tell(Stored([Blob(sha256, 1) for sha256 in self.counter.parts]))
        elif name.startswith("ledger/"):
            found = self.counter.record.answer(name.removeprefix("ledger/"))
            self._answer(found.encode(), "text/plain") if isinstance(found, str) else self._tell(found)
        elif name.startswith("api/v1/feed?"):
            self._tell(self.counter.record.feed())
        elif len(name) == 64:
            self._answer(self.counter.part(name), "application/octet-stream")
        else:
            self._answer(PAGE, "text/html")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path.endswith("/start"):
            self.counter.begun = msgspec.json.decode(body, type=Begun)
            self._tell(self.counter.begun)
        else:
            self.counter.offer = msgspec.json.decode(body, type=Keyed)
            self._tell(Received("/receipts/none"))

    def do_PUT(self) -> None:
        named, left, digest = self.path.rsplit("/", 1)[1], int(self.headers["content-length"]), hashlib.sha256()
        with (self.counter.folder / named).open("wb") as file:
            while chunk := self.rfile.read(min(left, 1 << 20)):
                digest.update(chunk)
                file.write(chunk)
                left -= len(chunk)
        assert digest.hexdigest() == named
        self.counter.parts.add(named)
        self._tell(Blob(named, 1))

    def _tell(self, value: Any) -> None:
        self._answer(msgspec.json.encode(value), "application/json")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        for name, value in {**ALWAYS, "content-type": kind, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the test says what went wrong."""
