"""Who is asked: our pages, and each engine by itself with what a page asks of it."""

import json
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import event

from procurement.bench import CannotMeasure
from procurement.bench._stores import Engine
from procurement.bench.search.asked import read, zone
from procurement.infra.outbox import Handlers
from procurement.infra.search.meili import SEARCH, Meili
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.publication.pages.found import found
from procurement.publication.search.meili.answers import Answer

A = TypeVar("A")
PATIENCE = 30.0  # seconds for one answer


class Side(Protocol):
    async def ask(self, number: int) -> float:
        """The seconds that one question took. Raises CannotMeasure when it is not answered well."""


class _OverHttp:
    """One connection that is kept. It blocks: nothing else happens meanwhile, and no client library is measured."""

    def __init__(self, address: str) -> None:
        self.connection = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.connection.close()

    def timed(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> float:
        began = time.perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - began
        if answer.status != 200:
            raise CannotMeasure(f"{path} answers {answer.status}.")
        return seconds


class Pages(_OverHttp):
    """Our web process, which makes each page anew."""

    def __init__(self, address: str, asked: Sequence[str]) -> None:
        super().__init__(address)
        self.asked = asked

    async def ask(self, number: int) -> float:
        return self.timed("GET", self.asked[number], None, {"Cache-Control": "no-cache"})


class MeiliDirectly(_OverHttp):
    """All queries of a page in one request to Meilisearch."""

    def __init__(self, engine: Engine, asked: Sequence[str]) -> None:
        super().__init__(engine.settings.meilisearch_url)
        self.engine, self.asked, self.bodies = engine, asked, list[bytes]()
        key = engine.settings.meilisearch_search_key
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    async def __aenter__(self) -> Self:
        named = self.engine.settings
        listening = _Listening(named.meilisearch_url, named.meilisearch_search_key, named.meilisearch_prefix)
        database = Database(named.database_url, Handlers(), carried={SEARCH: listening})
        for address in self.asked:
            listening.heard = []
            async with database.begin(NOBODY) as tx:
                hits = (await found(tx, read(address), zone(self.engine)))["hits"]
            if hits.reserve:
                raise CannotMeasure(f"Meilisearch did not answer {address}.")
            self.bodies.append(json.dumps({"queries": listening.heard}).encode())
        listening.close()
        await database.dispose()
        return self

    async def ask(self, number: int) -> float:
        return self.timed("POST", "/multi-search", self.bodies[number], self.headers)


class MeiliByAdapter(MeiliDirectly):
    """The same queries as our pages put them: by the official client in its thread, read as strictly as there."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        named = self.engine.settings
        self.adapter = Meili(named.meilisearch_url, named.meilisearch_search_key, named.meilisearch_prefix)
        self.queries = [json.loads(body)["queries"] for body in self.bodies]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.adapter.close()
        await super().__aexit__()

    async def ask(self, number: int) -> float:
        began = time.perf_counter()
        await self.adapter.ask(self.queries[number], Answer)
        return time.perf_counter() - began


class _Listening(Meili):
    """Remembers what it is asked."""

    heard: list[dict[str, Any]]

    async def ask(self, queries: Sequence[dict[str, Any]], answer: type[A]) -> list[A]:
        self.heard += queries
        return await super().ask(queries, answer)


class PostgresDirectly:
    """All statements of a page, one after the other over one connection."""

    def __init__(self, engine: Engine, asked: Sequence[str]) -> None:
        self.engine, self.asked = engine, asked
        self.statements: list[list[tuple[str, tuple[Any, ...]]]] = []

    async def __aenter__(self) -> Self:
        async with self.engine.database() as database:
            heard: list[tuple[str, tuple[Any, ...]]] = []

            @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
            def hear(_connection: Any, _cursor: Any, statement: str, values: tuple[Any, ...], *_: Any) -> None:
                heard.append((statement, values))

            for address in self.asked:
                async with database.begin(NOBODY) as tx:
                    heard.clear()
                    await found(tx, read(address), zone(self.engine))
                self.statements.append(list(heard))
        url = self.engine.settings.database_url.replace("+asyncpg", "")
        self.connection = await asyncpg.connect(url, server_settings={"timezone": "UTC"}, timeout=PATIENCE)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.close()

    async def ask(self, number: int) -> float:
        began = time.perf_counter()
        async with self.connection.transaction():
            for statement, values in self.statements[number]:
                await self.connection.fetch(statement, *values)
        return time.perf_counter() - began
