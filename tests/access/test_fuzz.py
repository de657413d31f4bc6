"""Whatever anybody sends, the interface answers with something it described, and never with a fault.

schemathesis makes requests from the OpenAPI document, valid ones and broken ones; objects in addresses are mostly
those of the republic. Each is sent by nobody and by somebody of every role. In the suite a few, undone one by one;
`make fuzz` makes FUZZ of each, and what they change stays changed.
"""

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from copy import deepcopy
from typing import Any

import httpx
import msgspec
import pytest
import schemathesis
from doors import Undone, Walker
from hypothesis import HealthCheck, Phase, given, settings, strategies
from routed_once import document
from schemathesis.checks import CHECKS, load_all_checks
from sqlalchemy import text

from procurement import app as composition
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.settings import Settings

MANY = int(os.environ.get("FUZZ", "0"))
ENDLESS = {"/api/v1/feed/stream"}
ONLY_REHEARSED = {"/api/v1/sandbox/clock"}  # moving the clock by centuries would end every other test of it
ASKED = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
)  # fmt: skip
OF_EACH_ROLE = """
SELECT DISTINCT ON (m.role) m.role, p.name FROM membership m JOIN person p ON p.id = m.person
WHERE m.until IS NULL AND p.disabled_at IS NULL ORDER BY m.role, p.name
"""
ALWAYS_PROVED = "UPDATE api_token SET stepped_up_at = clock_timestamp() + interval '1 day'"
PARAMETERS = {  # by the name of a path parameter: objects of the republic, by the names of the access matrix
    "tender_id": ("draft", "submitted", "open", "closed", "evaluating", "announced", "contracted", "unsuccessful"),
    "award_id": ("award",), "bid_id": ("bid",), "contract_id": ("contract",), "document_id": ("document",),
    "organisation": ("supplier", "buyer"), "question_id": ("question",), "rulebook_id": ("rulebook",),
    "ocid": ("ocid",), "name": ("document_name",),
}  # fmt: skip
EXAMPLES = settings(
    max_examples=MANY or 2,
    deadline=None,
    database=None,
    derandomize=not MANY,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Service:
    """The application in a loop of its own, for tests that do not wait."""

    def __init__(self, of: Settings) -> None:
        self.settings = msgspec.structs.replace(of, api_per_minute=0, pages_per_minute=0)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.ready: Future[None] = Future()
        self.ended = asyncio.Event()
        self.running = asyncio.run_coroutine_threadsafe(self._run(), self.loop)
        while not self.ready.done():
            if self.running.done():
                self.running.result()
        self.people = {"": "", **self.of_each_role}

    async def _run(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(composition, "Database", Database if MANY else Undone)
            app = composition.create_app(self.settings)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=self.settings.base_url) as self.http:
            self.walker = Walker(self.settings, self.http)
            await self.walker.prepare()
            database = Database(self.settings.database_url, Handlers())
            async with database.begin(system("test")) as tx:
                rows = await tx.session.execute(text(OF_EACH_ROLE))
                self.of_each_role = {row.role: row.name for row in rows}
                await tx.session.execute(text(ALWAYS_PROVED))
            await database.dispose()
            self.ready.set_result(None)
            await self.ended.wait()

    def send(self, role: str, request: httpx.Request) -> httpx.Response:
        if name := self.people[role]:
            request.headers["authorization"] = f"Bearer {self.walker.tokens[name]}"
        return asyncio.run_coroutine_threadsafe(self.http.send(request), self.loop).result(60)

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)
        self.running.result(20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(20)
        self.loop.close()


@pytest.fixture(scope="module")
def service(anyio_backend: object, republic: Settings) -> Iterator[Service]:  # the republic is made in a loop
    one = Service(republic)
    yield one
    one.end()


def operations() -> list[Any]:
    load_all_checks()
    schema = schemathesis.openapi.from_dict(deepcopy(document()))
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.path.startswith("/api/") and one.path not in ENDLESS]


@pytest.mark.parametrize("operation", operations(), ids=lambda one: f"{one.method.upper()} {one.path}")
def test_every_answer_to_everybody_is_one_of_those_described(service: Service, operation: Any) -> None:
    modes = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]

    @EXAMPLES
    @given(case=strategies.one_of(modes), real=strategies.integers(0, 7))
    def answers_as_described(case: Any, real: int) -> None:
        for name in case.path_parameters or {}:
            if known := PARAMETERS.get(name):
                case.path_parameters[name] = service.walker.objects[known[real % len(known)]]
        for role in service.people:
            _must_be_described(service, case, role)

    answers_as_described()


def _must_be_described(service: Service, case: Any, role: str) -> None:
    sent = case.as_transport_kwargs(base_url=service.settings.base_url)
    query = {key: value for key, value in (sent["params"] or {}).items() if key != "wait"}
    if case.operation.path in ONLY_REHEARSED:
        query["dry_run"] = "true"
    body = {"json": sent["json"]} if "json" in sent else {"content": sent.get("data")}
    headers = {name: value.encode("latin-1", "replace") for name, value in sent["headers"].items()}
    request = service.http.build_request(sent["method"], sent["url"], params=query, headers=headers, **body)
    answer = service.send(role, request)
    case.validate_response(answer, checks=[CHECKS.get_one(name) for name in ASKED])
