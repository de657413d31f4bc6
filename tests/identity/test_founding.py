"""The command that invites the first administrators of a real installation."""

import asyncio
import re
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from browsing import PASSWORD, SETUP, Browser
from click.testing import CliRunner, Result
from dropping import drop

from procurement.cli import main
from procurement.identity import service as identity
from procurement.identity.service.founding import first_administrator
from procurement.infra import schema
from procurement.infra.outbox import Handlers
from procurement.infra.services.embedded import Postgres
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY
from procurement.kernel.permissions import Role
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

ASKED = {"name": "Mara Holt", "email": "mara@office.example", "organisation": "State Procurement Office",
         "country": "XM"}  # fmt: skip


@pytest.fixture
async def real(admin: asyncpg.Connection, postgres: Postgres, worker_id: str) -> AsyncIterator[Settings]:
    """An empty installation that is no sandbox."""
    name = f"real_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name}")
    await asyncio.to_thread(schema.upgrade, postgres.url("owner", name), False)
    yield Settings(database_url=postgres.url("app", name), base_url="https://buy.example")
    await drop(admin, name)


def run(settings: Settings, *more: str) -> Result:
    words = [word for option, value in ASKED.items() for word in (f"--{option}", value)]
    given = {"DATABASE_URL": settings.database_url, "BASE_URL": settings.base_url}
    return CliRunner().invoke(main, ["admin", "create", *words, *more], env=given)


async def test_an_empty_installation_gets_its_first_administrator(real: Settings) -> None:
    done = await asyncio.to_thread(run, real)
    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"https://buy\.example/invitations/[\w-]{43}\n", done.output)
    database = Database(real.database_url, Handlers(()))
    async with database.begin(SETUP) as tx:
        assert not tx.sandbox
        [office] = await identity.organisations_of_kind(tx, "oversight")
    assert office.name == "State Procurement Office"
    await database.dispose()


async def test_the_link_makes_an_administrator_once(
    settings: Settings, client: httpx.AsyncClient, browser: Browser, database: Database
) -> None:
    async with database.begin(SETUP) as tx:
        token = await first_administrator(tx, **ASKED)
    assert 'value="Mara Holt"' in (await browser.get(f"/invitations/{token}")).text
    answer = await browser.send(f"/invitations/{token}", name="Mara Holt", password=PASSWORD)
    assert answer.headers["location"] == "/account/protect?next=/desk"
    assert (await browser.client.get("/organisations")).headers["location"] == "/account/protect?next=/organisations"
    await browser.prove_more()
    assert "Organisations" in (await browser.get("/organisations")).text
    assert (await browser.get(f"/invitations/{token}")).status_code == 410


async def test_the_command_refuses_where_administrators_exist_unless_another_is_meant(
    settings: Settings, database: Database
) -> None:
    async with database.begin(SETUP) as tx:
        office = await identity.create_organisation(tx, name=ASKED["organisation"], kind="oversight", country="XM")
        person = await identity.create_person(tx, name="Abel Quist", email="abel@office.example")
        await identity.grant(tx, person, office, Role.ADMINISTRATOR)
    refused = await asyncio.to_thread(run, settings)
    assert refused.exit_code == 1 and "has administrators" in refused.output
    another = await asyncio.to_thread(run, settings, "--another")
    assert another.exit_code == 0 and "/invitations/" in another.output
    async with database.begin(SETUP) as tx:
        assert len(await identity.organisations_of_kind(tx, "oversight")) == 1, "the same office"


async def test_of_two_tries_only_the_last_link_works(browser: Browser, database: Database) -> None:
    tokens = []
    for _ in range(2):
        async with database.begin(SETUP) as tx:
            tokens.append(await first_administrator(tx, **ASKED))
    assert [(await browser.get(f"/invitations/{token}")).status_code for token in tokens] == [410, 200]


async def test_nobody_founds_anything_over_the_wire(database: Database) -> None:
    with pytest.raises(Refused) as no:
        async with database.begin(NOBODY) as tx:
            await first_administrator(tx, **ASKED)
    assert no.value.code == "sign-in-needed"


async def test_wrong_answers_are_said_in_the_terminal(settings: Settings) -> None:
    done = await asyncio.to_thread(run, settings, "--country", "Marrow")
    assert done.exit_code == 1 and "two letters" in done.output
