"""Error pages: each says what happened and what now, in its own drawing, also when nothing behind it answers."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import msgspec
import pytest
from sqlalchemy.exc import TimeoutError as TooManyAtOnce

from procurement.app import Parts, create_app
from procurement.infra.web.templates import environment
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

CASES = [
    (400, "malformed"), (401, "sign-in-needed"), (403, "not-permitted"), (404, "not-found"),
    (405, "method-not-allowed"), (409, "bid-late"), (413, "too-large"), (422, "form-invalid"), (429, "too-many"),
    (500, "fault"), (503, "unavailable"), (503, "read-only"),
]  # fmt: skip


@pytest.fixture
async def without_database(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The application, whose database listens nowhere."""
    nowhere = msgspec.structs.replace(settings, database_url="postgresql+asyncpg://nobody@127.0.0.1:9/none")
    app = create_app(nowhere)
    transport = httpx.ASGITransport(app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client:
        yield client


def drawn(page: str) -> str:
    return page.split('<svg class="ill"')[1].split("</svg>")[0]


def test_each_error_has_words_and_a_drawing_of_its_own() -> None:
    template = environment(Settings()).get_template("error.html")
    pages = [template.render(status=status, refused=Refused(code, "This.", status=status)) for status, code in CASES]
    assert len({drawn(page) for page in pages}) == len(CASES)
    titles = {found[1] for page in pages if (found := re.search(r"<h1>(.+)</h1>", page))}
    assert len(titles) == len(CASES)


async def test_without_a_database_a_page_says_so_and_names_the_request(without_database: httpx.AsyncClient) -> None:
    answer = await without_database.get("/tenders")
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
    assert "The service cannot do this just now" in answer.text and "Nothing was changed" in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_when_more_ask_than_can_be_served_they_are_told_to_come_back(
    client: httpx.AsyncClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = parts.database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.1)  # half a minute otherwise
    async with AsyncExitStack() as everybody:
        for _ in range(20):
            await everybody.enter_async_context(parts.database.engine.connect())
        answer = await client.get("/api/v1/tenders")
    assert answer.status_code == 503 and answer.json()["type"] == "/problems/unavailable"
    assert int(answer.headers["retry-after"]) > 0


async def test_when_a_refusal_finds_no_connection_to_be_recorded_on_its_asker_is_told_to_come_back(
    client: httpx.AsyncClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody_gives_one_back(*_: object) -> None:
        raise TooManyAtOnce

    monkeypatch.setattr(parts.database, "record_refused", nobody_gives_one_back)
    answer = await client.get("/api/v1/tenders/2026-9999")
    assert answer.status_code == 503 and answer.json()["type"] == "/problems/unavailable"


async def test_an_unknown_address_needs_no_database(without_database: httpx.AsyncClient) -> None:
    answer = await without_database.get("/no/such/page")
    assert answer.status_code == 404 and "There is no such page" in answer.text


async def test_a_fault_names_the_request_under_which_the_logs_know_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("procurement.infra.web.about.ledger.latest_checkpoint", broken)
    answer = await client.get("/about/record")
    assert answer.status_code == 500 and "secret detail" not in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_whoever_is_not_signed_in_is_told_to_sign_in_and_who_may_not_is_told_so() -> None:
    template = environment(Settings()).get_template("error.html")
    page = template.render(status=403, refused=Refused("not-permitted", "This.", status=403))
    assert "sign in and try again" in page and 'href="/sign-in"' in page
