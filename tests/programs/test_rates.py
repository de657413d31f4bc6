"""How much one program may ask, and what it is told of it."""

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from redis.asyncio import Redis
from tendering import Town, program

from procurement.infra.tx import Database
from procurement.infra.web.rates import UPLOADS
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio
PUBLIC = "/api/v1/rulebooks"


@pytest.fixture
async def narrow(settings: Settings, serve: "Serve") -> AsyncIterator[httpx.AsyncClient]:
    async with serve(msgspec.structs.replace(settings, api_per_minute=3)) as client:
        yield client


@pytest.fixture
async def blind(settings: Settings, serve: "Serve") -> AsyncIterator[httpx.AsyncClient]:
    """A service whose Valkey is away."""
    async with serve(msgspec.structs.replace(settings, redis_url="unix:///nowhere/at.all")) as client:
        yield client


async def test_every_answer_says_what_is_left_and_the_last_when_to_come_back(narrow: httpx.AsyncClient) -> None:
    answers = [await narrow.get(PUBLIC) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"anonymous";q=3;w=60'
    assert [re.findall(r";r=(\d+);t=\d+", answer.headers["ratelimit"]) for answer in answers[:3]] == [
        ["2"], ["1"], ["0"],
    ]  # fmt: skip
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert answers[3].json()["type"] == "/problems/too-many"
    assert (await narrow.get("/tenders")).status_code == 200  # pages are not programs


async def test_an_address_reads_so_many_pages_a_minute_whatever_its_cookies(settings: Settings, serve: "Serve") -> None:
    anew = {"cache-control": "no-cache", "accept": "text/html"}
    async with serve(msgspec.structs.replace(settings, pages_per_minute=3)) as client:
        for number in range(3):
            page = await client.get("/tenders", headers=anew | {"cookie": f"session={number}"})
            assert page.status_code == 200
        for cookie in ("session=0", "session=other", ""):
            refused = await client.get("/tenders", headers=anew | {"cookie": cookie})
            assert refused.status_code == 429 and "Wait a minute" in refused.text
            assert 1 <= int(refused.headers["retry-after"]) <= 60
        free = ["/health/live", "/static/mark.svg", "/ledger/checkpoint", PUBLIC]
        assert 429 not in [(await client.get(path)).status_code for path in free]
    unlimited = msgspec.structs.replace(settings, pages_per_minute=0)
    async with serve(unlimited) as client:
        assert (await client.get("/tenders", headers=anew)).status_code == 200


async def test_one_token_uses_up_no_other(database: Database, narrow: httpx.AsyncClient, town: Town) -> None:
    olga, otto = await program(database, narrow, town.olga), await program(database, narrow, town.otto)
    assert [(await olga.get("/api/v1/me")).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert (await otto.get("/api/v1/me")).status_code == 200
    assert (await narrow.get(PUBLIC)).status_code == 200


async def test_without_valkey_the_record_is_read_and_drafts_are_written_but_no_secret_is_guessed(
    database: Database, blind: httpx.AsyncClient, town: Town, draft: dict[str, Any]
) -> None:
    olga = await program(database, blind, town.olga)
    public, made = await blind.get(PUBLIC), await olga.post("/api/v1/tenders", json=draft)
    assert (public.status_code, made.status_code) == (200, 201)
    assert "ratelimit" not in public.headers
    guess = await olga.post("/api/v1/me/step-up", json={"password": "unrelated lamp river"})
    assert (guess.status_code, guess.json()["type"]) == (503, "/problems/unavailable")
    assert int(guess.headers["retry-after"]) > 0


async def test_uploads_have_a_limit_of_their_own(
    olga: httpx.AsyncClient, draft: dict[str, Any], valkey_url: str
) -> None:
    address = f"/api/v1/tenders/{(await olga.post('/api/v1/tenders', json=draft)).json()['id']}"
    file = f"{address}/documents/plan.pdf"
    assert (await olga.put(file, content=b"%PDF-1.7\n" + b"x" * 1000)).status_code == 200
    async with Redis.from_url(valkey_url) as redis:
        [counted] = await redis.keys("limit:upload:*")
        await redis.set(counted, UPLOADS["limit"].times, keepttl=True)
    refused = await olga.put(file, content=b"%PDF-1.7\n")
    assert (refused.status_code, int(refused.headers["retry-after"]) > 60) == (429, True)
    assert (await olga.get(address)).status_code == 200
