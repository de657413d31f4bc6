"""What anybody can send without being somebody: slow, large, odd. It costs others nothing and stays nowhere."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace

import httpx
import pytest
from litestar._parsers import parse_url_encoded_form_data
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.tx import Database
from procurement.infra.web import fields
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.checkpoint import SignerKey
from procurement.publication.api import _lines
from procurement.publication.tables import ReleaseRow

pytestmark = pytest.mark.anyio
FORM = {"content-type": fields.URL_ENCODED}
SENDERS = 25  # more than a process has connections to its database


async def test_slow_senders_hold_no_connection(client: httpx.AsyncClient) -> None:
    await client.get("/sign-in")
    done = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"email=a"
        await done.wait()

    slow = [asyncio.create_task(client.post("/sign-in", content=slowly(), headers=FORM)) for _ in range(SENDERS)]
    await asyncio.sleep(0.2)
    async with asyncio.timeout(20):
        assert (await client.get("/tenders")).status_code == 200
    done.set()
    assert {answer.status_code for answer in await asyncio.gather(*slow)} == {403}  # no token in them


async def test_a_form_that_never_arrives_is_given_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "PATIENCE", 0.1)

    async def never() -> AsyncIterator[bytes]:
        yield b"email=a"
        await asyncio.sleep(5)

    assert (await client.post("/sign-in", content=never(), headers=FORM)).status_code == 408


async def test_a_form_of_very_many_fields_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sign-in", content=b"a&" * (fields.MOST + 1), headers=FORM)
    assert answer.status_code == 413


async def test_no_form_stays_in_the_frameworks_cache(client: httpx.AsyncClient) -> None:
    before = parse_url_encoded_form_data.cache_info().currsize
    await client.post("/sign-in", data={"email": "a@b.example", "password": "quiet lamp over gravel"})
    assert parse_url_encoded_form_data.cache_info().currsize == before


@pytest.mark.parametrize(
    "path",
    [
        "/tenders/%00", "/buyers/a%00b", "/ledger/entries?start=99999999999999999999", "/ledger/tile/99999999999/000",
        "/ledger/tile/0/x999/x999/x999/x999/x999/x999/x999/999", "/ledger/proof/0?size=99999999999999999999",
    ],
)  # fmt: skip
async def test_what_no_column_can_hold_is_malformed(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 400


async def test_a_tile_has_one_address_and_every_other_spelling_none(
    client: httpx.AsyncClient, database: Database, ordering: async_sessionmaker[AsyncSession]
) -> None:
    async with database.begin(system("test")) as tx:
        for number in range(256):
            await tx.record(KeyPublished(purpose="x", verifier=str(number)))
    await Sequencer(ordering, SignerKey("test.example", bytes(32))).run_once()
    others = ("0x00", "x000/000", "000.p/256", "000.p/01", "\u0660\u0660\u0660", "x999/" * 2000 + "000")
    for kind in ("0", "entries"):
        assert (await client.get(f"/ledger/tile/{kind}/000")).status_code == 200
        assert [(await client.get(f"/ledger/tile/{kind}/{name}")).status_code for name in others] == [404] * len(others)


@pytest.mark.parametrize("amount", ["1e9999999", "1e-9999999", "-1e99999999999", "0e-9999999", "sNaN"])
async def test_an_amount_of_monstrous_size_is_no_amount(client: httpx.AsyncClient, amount: str) -> None:
    assert (await client.get("/tenders", params={"least": amount})).status_code == 422


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000])
async def test_json_too_deep_to_read_is_malformed(client: httpx.AsyncClient, body: str) -> None:
    sent = {"content": body, "headers": {"content-type": "application/json"}}
    assert (await client.post("/api/v1/receipts/check", **sent)).status_code == 400


async def test_growth_to_a_size_that_is_not_yet_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/ledger/consistency?old=1&new=1000000000")).status_code == 404


async def test_no_value_of_anybody_stands_in_a_database_error(database: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with database.begin(NOBODY) as tx:
            await tx.session.execute(text("SELECT CAST(:value AS integer) / CAST(:none AS integer)"),
                                     {"value": 4711_0815, "none": 0})  # fmt: skip
    assert "division by zero" in str(failed.value) and "47110815" not in str(failed.value)


async def test_a_bulk_file_is_read_a_little_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two pages no transaction is open: slow readers hold no connection."""
    monkeypatch.setattr("procurement.publication.service.reading.STREAMED", 2)
    async with database.begin(system("publication")) as tx:
        for number in range(5):
            record = await tx.record(KeyPublished(purpose="test", verifier=str(number)))
            at = datetime(2025, 1, 1 + number // 2, tzinfo=UTC)  # two on one date: the id decides
            tx.session.add(ReleaseRow(id=f"r{number}", record_id=record, ocid="o", date=at, body=str(number).encode()))
    door = SimpleNamespace(database=database)
    read = []
    async for line in _lines(door, 2025):  # type: ignore[arg-type]  # all that it asks of a door
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of every pool that counts
        read.append(line)
    assert read == [b"0\n", b"1\n", b"2\n", b"3\n", b"4\n"]
