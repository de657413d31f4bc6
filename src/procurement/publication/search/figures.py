"""Search in figures, for Prometheus: what the worker tells the engine, and what web processes ask it."""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge

from procurement.infra.search import Collection
from procurement.infra.search.filling import Index

WAITING = Gauge("procurement_search_waiting", "Documents that the search engine was not told yet.")
LAG = Gauge("procurement_search_lag_seconds", "For how long the first of them has waited.")
DOCUMENTS = Gauge("procurement_search_documents", "Documents in the search engine.", ("collection",))
SIZE = Gauge("procurement_search_bytes", "Size of these documents there.", ("collection",))
ANSWERED = Counter("procurement_searches", "Searches answered: by the engine, or in reserve by the database.", ("by",))
ANSWERS = Gauge("procurement_search_engine_answers", "1 while the engine answers this process.")


def tell(waiting: int, lag: float) -> None:
    WAITING.set(waiting)
    LAG.set(lag)


def count(indexes: Mapping[Collection, Index]) -> None:
    for collection, index in indexes.items():
        DOCUMENTS.labels(collection).set(index.documents)
        SIZE.labels(collection).set(index.size)


def answered(*, reserve: bool) -> None:
    """A search was answered where an engine is set up."""
    ANSWERED.labels("reserve" if reserve else "engine").inc()
    ANSWERS.set(not reserve)
