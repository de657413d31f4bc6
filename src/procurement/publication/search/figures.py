"""What the worker knows of the search engine beside the database, for Prometheus."""

from collections.abc import Mapping

from prometheus_client import Gauge

from procurement.infra.search import Collection
from procurement.infra.search.filling import Index

WAITING = Gauge("procurement_search_waiting", "Documents that the search engine was not told yet.")
LAG = Gauge("procurement_search_lag_seconds", "For how long the first of them has waited.")
DOCUMENTS = Gauge("procurement_search_documents", "Documents in the search engine.", ("collection",))
SIZE = Gauge("procurement_search_bytes", "Size of these documents there.", ("collection",))


def tell(waiting: int, lag: float) -> None:
    WAITING.set(waiting)
    LAG.set(lag)


def count(indexes: Mapping[Collection, Index]) -> None:
    for collection, index in indexes.items():
        DOCUMENTS.labels(collection).set(index.documents)
        SIZE.labels(collection).set(index.size)
