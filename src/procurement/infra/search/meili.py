"""Asking Meilisearch, with its official client: that one waits, so it does in a few threads beside the event loop.

Nobody waits long. A question that is not answered within a second is somebody else's to answer, and after it nobody is
sent for `PAUSE` seconds; then one is, and what becomes of it counts for all. What comes back is believed as little as
what a browser sends: no more than `LARGEST` bytes, decoded into a struct, or it is no answer.
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any, Self, TypeVar

import meilisearch
import msgspec
import requests
import urllib3
from meilisearch._httprequests import HttpRequests  # each request of its own opens a connection: here one stays open
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchError

from procurement.infra.breaker import Breaker
from procurement.infra.tx import Tx
from procurement.settings import Settings

CONNECT = 0.3  # seconds
WHOLE = 1.0  # seconds for all that one search asks
PAUSE = 3.0  # seconds that nobody is sent after a question that was not answered
THREADS = 8  # questions asked at once, of one process
LARGEST = 4 * 1024 * 1024  # bytes of an answer
PIECE = 64 * 1024

# What may go wrong on the way and in the answer. ValueError is that of numbers, JSON and UTF-8; RecursionError that of
# JSON which is nested without end.
FAILURES = (
    MeilisearchError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    msgspec.MsgspecError,
    OSError,
    RecursionError,
    ValueError,
)
SEARCH = "search"  # under which a session carries it

log = logging.getLogger(__name__)
A = TypeVar("A")


class Results(msgspec.Struct):
    """Of one multi-search."""

    results: list[Any]


class Unanswered(Exception):
    """The engine gave no answer that can be used. The text says why, and nothing of what was asked."""


class Meili:
    """One engine, as one process asks it. `prefix` is what the names of our indexes in it begin with."""

    def __init__(self, url: str, key: str, prefix: str, pause: float = PAUSE) -> None:
        self.url, self.prefix, self.breaker = url.rstrip("/"), prefix, Breaker(pause)
        self.problem = ""  # why it last gave no answer; "" since it works
        self.replaced = False  # whether another engine answered the last search in its place
        self._key, self._own = key, threading.local()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="meilisearch")

    @classmethod
    def connect(cls, settings: Settings) -> Self | None:
        """The engine of the settings; None where they name none."""
        if not settings.meilisearch_url:
            return None
        return cls(settings.meilisearch_url, settings.meilisearch_search_key, settings.meilisearch_prefix)

    @property
    def answers(self) -> bool:
        """Whether it answered when it was last asked."""
        return not self.problem

    async def ask(self, queries: Sequence[dict[str, Any]], answer: type[A]) -> list[A]:
        """The answers of one multi-search, one for each query. Inside of `patience` only."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._post, queries)
        results = msgspec.convert(msgspec.convert(found, Results).results, list[answer])  # type: ignore[valid-type]
        if len(results) != len(queries):
            raise ValueError("as many answers as questions")
        return results

    @asynccontextmanager
    async def patience(self) -> AsyncIterator[None]:
        """All that one search asks of it, and reads in its answers. Raises Unanswered."""
        if not self.breaker.lets_through():
            raise Unanswered(self.problem)
        try:
            async with asyncio.timeout(WHOLE):
                yield
        except FAILURES as lost:
            self._failed(lost)
            raise Unanswered(self.problem or "this question was not understood") from lost
        if self.problem:
            log.warning("Meilisearch answers again")
        self.problem = ""
        self.breaker.worked()

    def close(self) -> None:
        """Let go of its threads; a question under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _failed(self, lost: Exception) -> None:
        """It gives no answers; or none to this one question, which keeps nobody else from asking."""
        if isinstance(lost, MeilisearchApiError) and lost.status_code == 400:
            log.error("Meilisearch refused a question: %s", lost.code)
            return
        reason = getattr(lost, "code", None) or type(lost).__name__
        if not self.problem:
            log.warning("Meilisearch does not answer (%s): PostgreSQL searches in its place", reason)
        self.problem = str(reason)
        self.breaker.failed()

    def _post(self, queries: Sequence[dict[str, Any]]) -> Any:
        """In a thread. A connection may have been closed while it was idle: a new one is tried once."""
        try:
            return self._client().multi_search(queries)
        except MeilisearchCommunicationError:
            return self._client().multi_search(queries)

    def _client(self) -> meilisearch.Client:
        """This thread's: the official one is not made to be shared."""
        if not hasattr(self._own, "client"):
            self._own.client = client(self.url, self._key, (CONNECT, WHOLE))
        found: meilisearch.Client = self._own.client
        return found


def of(tx: Tx) -> Meili | None:
    """The engine beside the database, of the process that this transaction runs in; None where there is none."""
    found: Meili | None = tx.session.info.get(SEARCH)
    return found


def client(url: str, key: str, timeout: tuple[float, float]) -> meilisearch.Client:
    """The official client, for one thread. `timeout` is of the connection and of each read, in seconds."""
    made = meilisearch.Client(url, key, timeout=timeout, custom_headers={"Accept-Encoding": "identity"})  # type: ignore[arg-type]  # it hands them on
    made.http = _KeptOpen(made.http, _Session())
    return made


class _KeptOpen(HttpRequests):
    """The client's own requests, over one session."""

    def __init__(self, like: HttpRequests, session: requests.Session) -> None:
        super().__init__(like.config, {name: str(value) for name, value in like.headers.items()})
        self.session = session

    def post(self, path: str, body: Any = None, *args: Any, **kwargs: Any) -> Any:
        return self.send_request(self.session.post, path, body, "application/json")


class _Session(requests.Session):
    """Keeps its connection; follows nobody elsewhere; takes neither proxies nor passwords from the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        until = time.monotonic() + WHOLE
        response = super().send(request, **(options | {"stream": True, "allow_redirects": False}))
        body = bytearray()
        while piece := response.raw.read1(PIECE, decode_content=True):
            body += piece
            if len(body) > LARGEST or time.monotonic() > until:
                response.close()
                raise ValueError("an answer that is too large or too slow")
        response.raw = BytesIO(body)
        return response
