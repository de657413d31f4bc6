"""The figures for Prometheus, and traces for whoever collects them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import REGISTRY
from whole_service import free_port

from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.metrics import CannotListen, serve
from procurement.infra.metrics import service as figures
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

SECRET = "canary-7f3b"


def read(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_requests_are_counted_by_route_and_never_by_address(client: httpx.AsyncClient) -> None:
    labels = {"method": "GET", "route": "/api/v1/tenders/{tender_id}", "status": "404"}
    before = read("procurement_requests_total", **labels) or 0
    for number in range(3):
        await client.get(f"/api/v1/tenders/{SECRET}-{number}?token={SECRET}")
        await client.get(f"/{SECRET}-{number}")
        await client.request(f"X{number}", "/", headers={"origin": "http://test"})
    assert (read("procurement_requests_total", **labels) or 0) == before + 3
    assert read("procurement_request_seconds_count", route="unknown")
    told = {value for metric in REGISTRY.collect() for sample in metric.samples for value in sample.labels.values()}
    assert not [value for value in told if SECRET in value or value == "X1"]


async def test_the_worker_reads_the_ledger_the_jobs_and_the_keyholder(
    settings: Settings, keyholder: Path, database: Database, tmp_path: Path
) -> None:
    async with database.begin(system("test")) as tx:
        await tx.record(KeyPublished(purpose="checkpoints", verifier="x"))
        await tx.later(database.handlers.by_topic["identity.send_recovery"], {"person": "nobody"})
    await figures.read(database, Keyholder(settings.keyholder_socket), tmp_path)
    assert read("procurement_ledger_unsequenced") == 1 and read("procurement_ledger_entries") == 0
    assert read("procurement_outbox_waiting", topic="identity.send_recovery") == 1
    assert read("procurement_outbox_failed", topic="identity.send_recovery") == 0
    assert read("procurement_keyholder_reachable") == 1 and read("procurement_read_only") == 0
    assert (read("procurement_disk_bytes", state="free") or 0) > 0
    await figures.read(database, Keyholder("/nowhere"), tmp_path)
    assert read("procurement_keyholder_reachable") == 0


def test_figures_are_on_an_address_of_their_own() -> None:
    port = free_port()
    serve(f"127.0.0.1:{port}")
    assert "procurement_requests_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
    with pytest.raises(CannotListen, match="another one for each process"):
        serve(f"127.0.0.1:{port}")


async def test_the_pages_address_shows_no_figures(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """An OTLP/HTTP receiver; its address and what it was sent."""
    got: list[ExportTraceServiceRequest] = []

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # its name
            got.append(ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Takes)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


TRACED = """
import asyncio, httpx
from procurement.app import create_app

async def main():
    app = create_app()
    transport = httpx.ASGITransport(app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as one:
        await one.get("/api/v1/tenders/{0}?token={0}", headers={{"authorization": "Bearer {0}", "traceparent": "{1}"}})
        await one.post("/sign-in", data={{"email": "{0}@marrow.example", "password": "{0}"}})

asyncio.run(main())
"""


async def test_a_trace_names_routes_and_statements_and_no_values(
    settings: Settings, collector: tuple[str, list[ExportTraceServiceRequest]]
) -> None:
    address, got = collector
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    script = TRACED.format(SECRET, f"00-{trace}-00f067aa0ba902b7-01")
    env = {**settings.environ(), "OTEL_EXPORTER_OTLP_ENDPOINT": address}
    argv = [sys.executable, "-c", script]
    done = await asyncio.to_thread(subprocess.run, argv, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    spans = [span for one in got for of in one.resource_spans for scope in of.scope_spans for span in scope.spans]
    routes = [span for span in spans if span.name == "GET /api/v1/tenders/{tender_id}"]
    assert routes and routes[0].trace_id.hex() == trace, "it continues the caller's trace"
    assert any("SELECT" in str(span.attributes) for span in spans), "statements, with their placeholders"
    assert SECRET not in "".join(map(str, spans))


def test_without_a_collector_nothing_is_traced() -> None:
    script = (
        "import sys; from procurement.infra import traces; traces.start('web'); print('opentelemetry' in sys.modules)"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL")}
    said = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=30)
    assert said.stdout.strip() == "False", said.stderr
