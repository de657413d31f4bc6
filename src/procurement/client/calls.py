"""One call: sent, repeated safely where nothing was answered, and read into its type."""

import random
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec

from procurement.client.problem import Problem

T = TypeVar("T")
Query = Mapping[str, str | int | float | bool | list[str]]
Content = bytes | Path

API = "/api/v1"
GATEWAYS = (502, 503, 504)  # said by the service, or by what stands before it, when it is not there
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between two tries
CHUNK = 1024 * 1024  # bytes of a file that are read at a time


class Calls:
    """As the owner of `token`, or as nobody. For one thread at a time.

    `patience` is how many seconds a call is repeated for while nothing answers, or while the service asks to wait;
    `timeout` how many one try may take. A call that changes something is given an `Idempotency-Key` and keeps it from
    try to try, so that it happens once. Without a token there are no keys: such a call is sent once.
    """

    def __init__(
        self, url: str, token: str, patience: float, timeout: float, transport: httpx.BaseTransport | None
    ) -> None:
        headers = {"user-agent": "procurement.client", "accept": "application/json"}
        self.http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, headers=headers, transport=transport)
        self.token, self.patience = token, patience
        self.etag = ""

    def read(self, path: str, returns: type[T], query: Query | None = None) -> T:
        """GET below /api/v1."""
        return _decoded(self.send("GET", API + path, query=query), returns)

    def act(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        returns: type[T],
        if_match: str = "",
        key: str = "",
        dry_run: bool = False,
    ) -> T:
        """Change something below /api/v1; `key` is made up unless one is given."""
        headers = {"idempotency-key": key or secrets.token_urlsafe(18)}
        if if_match:
            headers["if-match"] = if_match
        content = None
        if body is not None:
            content, headers["content-type"] = msgspec.json.encode(body), "application/json"
        query = {"dry_run": "true"} if dry_run else None
        answer = self.send(method, API + path, headers=headers, content=content, query=query)
        return _decoded(answer, returns)

    def upload(self, path: str, content: Content, returns: type[T]) -> T:
        """PUT a file below /api/v1. Again is the same as once."""
        return _decoded(self.send("PUT", API + path, content=content), returns)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: Content | None = None,
        query: Query | None = None,
        timeout: float | None = None,
    ) -> httpx.Response:
        """Any address of the service. Raises Problem for everything but success."""
        until, pause = time.monotonic() + self.patience, FIRST_PAUSE
        own = {**(headers or {}), **({"authorization": f"Bearer {self.token}"} if self.token else {})}
        limit = httpx.USE_CLIENT_DEFAULT if timeout is None else timeout
        while True:
            try:
                answer = self.http.request(
                    method, path, params=query, headers=own, content=_fresh(content), timeout=limit
                )
                if answer.is_success:
                    self.etag = answer.headers.get("etag", "")
                    return answer
                problem = Problem.of(answer)
                again = answer.status_code in GATEWAYS or (
                    answer.status_code == 429 and problem.retry_after is not None
                )
            except httpx.TransportError as lost:
                problem, again = Problem("unreachable", str(lost) or type(lost).__name__), True
            wait = pause if problem.retry_after is None else problem.retry_after
            if not again or not self._may_repeat(method) or time.monotonic() + wait > until:
                raise problem
            time.sleep(wait + random.uniform(0, pause / 2))  # noqa: S311  # spreads returns, no secret
            pause = min(pause * 2, LONGEST_PAUSE)

    def _may_repeat(self, method: str) -> bool:
        return bool(self.token) or method in ("GET", "HEAD")


def _fresh(content: Content | None) -> bytes | Iterator[bytes] | None:
    """A file is read again for each try."""
    return _chunks(content) if isinstance(content, Path) else content


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def _decoded(answer: httpx.Response, returns: type[T]) -> T:
    if returns is bytes:
        return answer.content  # type: ignore[return-value]  # T is bytes
    if not answer.content:
        return None  # type: ignore[return-value]  # T is None
    decoded: Any = msgspec.json.decode(answer.content, type=returns)
    return decoded  # type: ignore[no-any-return]  # of the type that was asked for
