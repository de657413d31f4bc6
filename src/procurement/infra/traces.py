"""OpenTelemetry traces, where OTEL_EXPORTER_OTLP_ENDPOINT says who collects them; nothing at all otherwise.

A span names the route, the statement's text with its placeholders, or the host that was called: never parameters,
bodies, query strings or headers. The packages come with `procurement[traces]`; the variables are OpenTelemetry's own.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine

if TYPE_CHECKING:
    from litestar.types import HTTPScope
    from opentelemetry.trace import Tracer

WANTED = "OTEL_EXPORTER_OTLP_ENDPOINT"

_tracer: "Tracer | None" = None
_finish: Callable[[], object] = bool


class CannotTrace(Exception):
    """Traces are wanted, and their packages are not installed."""


def start(process: str, *engines: AsyncEngine) -> None:
    """Trace this process ("web" or "worker") and what these engines are asked. Raises CannotTrace."""
    global _tracer, _finish
    if not os.environ.get(WANTED):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
        from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        raise CannotTrace(f"{WANTED} is set: install procurement[traces], or unset it.") from missing
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"procurement-{process}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    for engine in engines:
        SQLAlchemyInstrumentor().instrument(
            engine=engine.sync_engine, tracer_provider=provider, skip_dep_check=True
        )  # tried with SQLAlchemy 2.1, which its list does not name yet
    HTTPXClientInstrumentor().instrument(
        tracer_provider=provider, request_hook=_bare_address, async_request_hook=_bare_address_of_async
    )
    _tracer, _finish = provider.get_tracer("procurement"), provider.shutdown


def finish() -> None:
    """Send what was not sent yet; call it when the process ends."""
    _finish()


class Span:
    """What a request's span is told when it ends; without a collector it does nothing."""

    def __init__(self, span: Any = None) -> None:
        self.span = span

    def end(self, method: str, route: str, status: int) -> None:
        if self.span is None:
            return
        self.span.update_name(f"{method} {route}")
        self.span.set_attributes(
            {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        )


@contextmanager
def request(scope: "HTTPScope") -> Iterator[Span]:
    """The span of one request; it continues the caller's trace (`traceparent`) if there is one."""
    if _tracer is None:
        yield Span()
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if b"trace" in name}
    with _span(scope["method"], context=extract(sent), kind=SpanKind.SERVER) as span:
        yield Span(span)


@contextmanager
def job(topic: str) -> Iterator[None]:
    """The span of one job of the worker."""
    if _tracer is None:
        yield
        return
    with _span(f"job {topic}"):
        yield


def _span(name: str, **options: Any) -> Any:
    """An exception only marks the span: its message may repeat what somebody sent."""
    assert _tracer
    return _tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False, **options)


def _bare_address(span: Any, request: Any) -> None:
    """Without query string, user name and password: addresses that we call may hold tokens."""
    parts = urlsplit(str(request.url))
    bare = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
    for name in ("http.url", "url.full"):
        if span.is_recording() and name in (span.attributes or {}):
            span.set_attribute(name, bare)


async def _bare_address_of_async(span: Any, request: Any) -> None:
    _bare_address(span, request)
