"""What the web process counts: requests by route, and the connections they hold."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})  # a sender may invent others

ANSWERED = Counter("procurement_requests", "Requests answered.", ("method", "route", "status"))
DURATION = Histogram("procurement_request_seconds", "Seconds until the last byte.", ("route",), buckets=SECONDS)
POOL = Gauge("procurement_database_connections", "Connections to the database, of this process.", ("state",))


def count(method: str, route: str, status: int, seconds: float) -> None:
    """One request was answered; `route` is its template, so that there are only as many as there are routes."""
    _answered(method if method in METHODS else "other", route, status).inc()
    _duration(route).observe(seconds)


@cache
def _answered(method: str, route: str, status: int) -> Counter:
    """Finding a labelled counter costs more than counting."""
    return ANSWERED.labels(method, route, status)


@cache
def _duration(route: str) -> Histogram:
    return DURATION.labels(route)


def watch(engine: AsyncEngine) -> None:
    """Show the pool of this process."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    POOL.labels("busy").set_function(pool.checkedout)
    POOL.labels("idle").set_function(pool.checkedin)
    POOL.labels("most").set(pool.size() * 2)  # as many again may overflow
