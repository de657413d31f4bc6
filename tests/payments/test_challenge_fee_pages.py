"""Anybody works out what a challenge would cost, in the browser and by program."""

import httpx
import pytest
from tendering import MODEL_LAW, Town, enforce, settle_town, visitor

from procurement.infra.tx import Database
from procurement.rulebooks.rules import read

pytestmark = pytest.mark.anyio

LAW = read(MODEL_LAW).id


@pytest.fixture
async def town(database: Database) -> Town:
    return await settle_town(database)


async def test_anybody_works_out_the_fee(database: Database, client: httpx.AsyncClient, town: Town) -> None:
    nobody = await visitor(database, client, None)
    book = (await nobody.get(f"/rulebooks/{LAW}")).text
    address = f"/rulebooks/{LAW}/challenge-fee"
    assert address in book
    assert "Reading, registering and bidding cost nothing." in book
    found = (await nobody.get(f"{address}?value=300 000,00")).text
    assert [amount in found for amount in ("900.00", "1 800.00".replace(" ", "\u202f"), "300")] == [True] * 3
    wrong = await nobody.get(f"{address}?value=plenty")
    assert (wrong.status_code, "is not an amount" in wrong.text, 'value="plenty"' in wrong.text) == (422, True, True)
    assert (await nobody.get("/rulebooks/none@1:0/challenge-fee")).status_code == 404


async def test_programs_work_it_out_too(client: httpx.AsyncClient, town: Town) -> None:
    address = f"/api/v1/rulebooks/{LAW}/challenge-fee"
    answer = (await client.get(address, params={"value": "300000"})).json()
    euro = {"currency": "EUR"}
    assert answer == {"value": {"amount": 30_000_000} | euro, "terms": {"amount": 90_000} | euro,
                      "decisions": {"amount": 180_000} | euro}  # fmt: skip
    wrong = await client.get(address, params={"value": "plenty"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["value"])


async def test_where_no_fee_is_asked_the_page_says_so(
    database: Database, client: httpx.AsyncClient, town: Town
) -> None:
    free = MODEL_LAW[: MODEL_LAW.index(b"[challenge_fee]")].replace(b"version = 2", b"version = 3")
    law = await enforce(database, town, free)
    assert "a challenge costs nothing" in (await client.get(f"/rulebooks/{law}/challenge-fee")).text
    answer = (await client.get(f"/api/v1/rulebooks/{law}/challenge-fee", params={"value": "300000"})).json()
    assert answer["terms"] == answer["decisions"] == {"amount": 0, "currency": "EUR"}
