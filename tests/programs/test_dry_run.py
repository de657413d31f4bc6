"""`?dry_run=true`: everything happens, and then it did not."""

from typing import Any

import asyncpg
import httpx
import pytest
from routed_once import routes
from tendering import Town, open_tender, program

from procurement.infra.tx import Database
from procurement.infra.web import rehearsal

pytestmark = pytest.mark.anyio
TENDERS = "/api/v1/tenders"
REHEARSED = {"dry_run": "true"}
COUNTS = "SELECT (SELECT count(*) FROM tender), (SELECT count(*) FROM ledger_record), (SELECT count(*) FROM outbox)"


async def counts(owner: asyncpg.Connection) -> tuple[int, ...]:
    return tuple(await owner.fetchrow(COUNTS))


async def test_the_answer_is_that_of_the_act_and_nothing_stays(
    olga: httpx.AsyncClient, owner: asyncpg.Connection, draft: dict[str, Any]
) -> None:
    before = await counts(owner)
    answer = await olga.post(TENDERS, params=REHEARSED, json=draft, headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.headers.get("dry-run")) == (201, "true"), answer.text
    assert answer.json()["title"] == draft["title"]
    assert "etag" not in answer.headers
    assert await counts(owner) == before
    assert (await olga.get(f"{TENDERS}/{answer.json()['id']}")).status_code == 404
    act = await olga.post(TENDERS, json=draft, headers={"idempotency-key": "k"})
    assert act.status_code == 201 and "dry-run" not in act.headers


async def test_a_refusal_is_that_of_the_act_and_leaves_no_fact(
    database: Database, client: httpx.AsyncClient, town: Town, owner: asyncpg.Connection
) -> None:
    address = f"{TENDERS}/{await open_tender(database, town)}"
    pia = await program(database, client, town.pia)
    before = await counts(owner)
    answer = await pia.post(f"{address}/cancel", params=REHEARSED, json={"reason": "short"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/form-invalid")
    done = await pia.post(f"{address}/cancel", params=REHEARSED, json={"reason": "No money is left."})
    assert done.json()["phase"] == "cancelled"
    assert await counts(owner) == before
    assert (await pia.get(address)).json()["phase"] == "open"


async def test_what_leaves_the_database_is_not_rehearsed(olga: httpx.AsyncClient, draft: dict[str, Any]) -> None:
    address = f"{TENDERS}/{(await olga.post(TENDERS, json=draft)).json()['id']}"
    for answer in (
        await olga.post(f"{address}/submit", params=REHEARSED),
        await olga.put(f"{address}/documents/a.pdf", params=REHEARSED, content=b"%PDF-1.7\n"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/dry-run-impossible")
    assert (await olga.get(address)).json()["phase"] == "draft"


async def test_another_word_is_no_rehearsal_and_no_act(olga: httpx.AsyncClient, draft: dict[str, Any]) -> None:
    answer = await olga.post(TENDERS, params={"dry_run": "yes"}, json=draft)
    assert answer.json()["fields"].keys() == {"dry_run"}
    assert (await olga.get(TENDERS)).json()["tenders"] == []


def test_whatever_holds_the_keyholder_or_files_says_that_it_cannot_be_rehearsed() -> None:
    outside = {"keyholder", "files", "receipt_key", "mail", "door"}
    silent = [
        f"{method} {route.path}"
        for route in routes().routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods - {"GET", "HEAD", "OPTIONS"}
        if route.path.startswith("/api/") and rehearsal.possible(handler.opt) and not handler.opt.get("reads")
        if outside & handler.parsed_fn_signature.parameters.keys()
    ]
    assert silent == [], "add NOT_REHEARSED to their opt: a rollback does not undo what they do outside"
