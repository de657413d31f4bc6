"""The read-only switch: nothing is changed, everything is read, and people are told."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import asyncpg
import httpx
import pytest
from click.testing import CliRunner
from tendering import Keys, Town, open_tender, program, visitor

from procurement.app import create_app
from procurement.bids import jobs as bids_jobs
from procurement.cli import main
from procurement.infra import mode
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.retention import service as retention
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

OPERATOR = system("installation")


class Clocked:
    """A keyholder whose clock is this machine's."""

    async def clocks(self) -> SimpleNamespace:
        return SimpleNamespace(real=datetime.now(UTC))


async def switch_on(database: Database, minutes: int = 30) -> None:
    async with database.begin(OPERATOR) as tx:
        await mode.switch_on(tx, "The disks are exchanged", tx.real_now + timedelta(minutes=minutes))


async def test_changes_are_refused_and_pages_say_why(
    database: Database, client: httpx.AsyncClient, town: Town, keys: Keys
) -> None:
    tender = await open_tender(database, town, keys)
    olga, olgas_program = await visitor(database, client, town.olga), await program(database, client, town.olga)
    stranger = await visitor(database, client, None)
    assert "nothing can be changed" not in (await stranger.get(f"/tenders/{tender}")).text
    await switch_on(database)
    refused = await olga.send("/tenders/new", title="Another road", category="works")
    assert refused.status_code == 503
    assert "read-only" in refused.text and "The disks are exchanged" in refused.text
    asked = {"title": "Another road", "category": "works"}
    answer = await olgas_program.post("/api/v1/tenders", json=asked)
    assert answer.status_code == 503 and answer.json()["type"] == "/problems/read-only"
    assert 25 * 60 < int(answer.headers["retry-after"]) <= 30 * 60
    for reader in (olga, stranger):
        page = await reader.get(f"/tenders/{tender}")
        assert page.status_code == 200 and "The disks are exchanged" in page.text
    assert (await stranger.send("/receipts", receipt="{}")).status_code == 422, "checking a receipt changes nothing"


async def test_the_switch_goes_back_and_both_turns_are_in_the_record(
    database: Database, client: httpx.AsyncClient, town: Town, owner: asyncpg.Connection
) -> None:
    await switch_on(database)
    async with database.begin(OPERATOR) as tx:
        await mode.switch_off(tx)
    olga = await visitor(database, client, town.olga)
    assert (await olga.send("/tenders/new", title="Another road", category="works")).status_code == 303
    turns = await owner.fetch("SELECT type FROM ledger_record WHERE type LIKE 'ServiceMade%' ORDER BY id")
    assert [row["type"] for row in turns] == ["ServiceMadeReadOnly", "ServiceMadeWritable"]


async def test_a_database_that_takes_no_writes_is_read_only_without_a_switch(
    settings: Settings, database: Database, client: httpx.AsyncClient, town: Town, keys: Keys, owner: asyncpg.Connection
) -> None:
    tender = await open_tender(database, town, keys)
    olga = await visitor(database, client, town.olga)
    await owner.execute("UPDATE web_session SET last_seen_at = last_seen_at - interval '10 minutes'")
    name = await owner.fetchval("SELECT current_database()")
    await owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    app = create_app(settings)  # its connections are new
    async with (
        app.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=settings.base_url, cookies=olga.client.cookies
        ) as olga.client,
    ):
        page = await olga.get(f"/tenders/{tender}")
        assert page.status_code == 200 and "takes no changes" in page.text
        refused = await olga.send(f"/tenders/{tender}", to="/tenders/new", title="Another road", category="works")
        assert refused.status_code == 503 and "takes no changes" in refused.text


async def test_what_the_clock_closes_is_closed_meanwhile(
    database: Database, town: Town, keys: Keys, advance: object, owner: asyncpg.Connection
) -> None:
    tender = await open_tender(database, town, keys)
    await switch_on(database)
    await advance(timedelta(days=60))  # type: ignore[operator]  # a fixture
    await bids_jobs.sweep(database, Clocked())  # type: ignore[arg-type]  # a keyholder's clock is all it asks
    closed = await owner.fetchval("SELECT count(*) FROM ledger_record WHERE type = 'TenderClosed'")
    assert closed == 1, tender


async def test_nothing_is_erased_meanwhile(database: Database, town: Town, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "INSERT INTO idempotency (actor, key, request, status, headers, body, at)"
        " VALUES ('somebody', 'a', '', 200, '{}', '', now() - interval '1 year')"
    )
    await switch_on(database)
    async with database.begin(system("retention")) as tx:
        assert await retention.erase_next(tx) == 0
    async with database.begin(OPERATOR) as tx:
        await mode.switch_off(tx)
    async with database.begin(system("retention")) as tx:
        assert await retention.erase_next(tx) == 1


async def test_administrators_see_which_deadlines_fell_into_it(
    database: Database, client: httpx.AsyncClient, town: Town, keys: Keys, advance: object
) -> None:
    tender = await open_tender(database, town, keys)
    await switch_on(database)
    ada = await visitor(database, client, town.ada)
    assert f"/tenders/{tender}" not in (await ada.get("/desk")).text
    await advance(timedelta(days=60))  # type: ignore[operator]  # a fixture
    desk = (await ada.get("/desk")).text
    assert f"/tenders/{tender}" in desk and "The disks are exchanged" in desk


async def test_the_command_turns_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings.environ().items():
        monkeypatch.setenv(name, value)

    async def said(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["admin", "read-only", *words])
        return result.exit_code, result.output

    assert (await said("off")) == (1, "Error: The service takes changes already.\n")
    assert (await said("on", "--reason", "Move", "--until", "2020-01-01 10:00"))[0] == 1
    assert (await said("on", "--reason", "Move", "--until", "2099-01-01 10:00"))[0] == 0
    assert (await said("on", "--reason", "Move"))[1] == "Error: The service is read-only already.\n"
    assert (await said("off"))[0] == 0
