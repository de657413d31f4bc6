"""One's own data: a copy for oneself alone, for seven days; and what is left of whoever closes the account."""

import io
import json
import zipfile

import asyncpg
import pytest
from browsing import Browser, Republic, facts
from office import Office
from waiting import Letters

from procurement.identity.service import accounts, invitations
from procurement.infra.tx import Database
from procurement.kernel.permissions import Role

pytestmark = pytest.mark.anyio
INES, TOM, PAGE = "ines@marrow.example", "tom@marrow.example", "/account/data"
LATER = "UPDATE personal_export SET expires_at = clock_timestamp()"


async def made(browser: Browser, letters: Letters, owner: asyncpg.Connection) -> str:
    assert (await browser.send(PAGE)).status_code == 303
    await letters()
    return str(await owner.fetchval("SELECT id FROM personal_export"))


async def test_a_copy_of_everything_is_made_and_is_there_for_a_week(
    browser: Browser, another: Browser, republic: Republic, letters: Letters, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    await browser.send("/organisation", "/organisation/invitations", email="ana@marrow.example", role="member")
    assert (await browser.send(PAGE)).status_code == 303
    assert (await browser.send(PAGE)).status_code == 409  # one at a time
    await letters()
    export = str(await owner.fetchval("SELECT id FROM personal_export"))
    file = await browser.client.get(f"{PAGE}/{export}")
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert set(archive.namelist()) == {"read-me.txt", "about-you.json", "about-you.txt"}
        about = json.loads(archive.read("about-you.json"))
        words = archive.read("about-you.txt").decode()
    assert about["person.id"][0]["email"] == INES and "email: ines@marrow.example" in words
    assert {row["role"] for row in about["membership.person"]} == {"owner", "signatory"}
    assert about["record"][-1]["type"] == "MemberInvited"
    assert "password_hash" not in words and "token_sha256" not in words
    assert "ana@marrow.example" not in words  # somebody else's
    await another.sign_in(TOM)
    assert (await another.client.get(f"{PAGE}/{export}")).status_code == 404
    await owner.execute(LATER)
    assert (await browser.client.get(f"{PAGE}/{export}")).status_code == 404


async def test_the_copy_asks_who_one_is(
    browser: Browser, republic: Republic, letters: Letters, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    export = await made(browser, letters, owner)
    await owner.execute("UPDATE web_session SET stepped_up_at = stepped_up_at - interval '6 minutes'")
    for answer in (await browser.client.get(f"{PAGE}/{export}"), await browser.send(PAGE)):
        assert answer.headers["location"].startswith("/account/step-up")


async def test_no_word_of_whoever_closes_the_account_is_left(
    office: Office, republic: Republic, database: Database, owner: asyncpg.Connection
) -> None:
    async with database.begin(await office.actor(office.mara)) as tx:
        await invitations.invite(tx, office.city, TOM, Role.EVALUATOR)
    async with database.begin(await office.actor(republic.tom)) as tx:
        await accounts.close_account(tx)
    for (table,) in await owner.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        for row in await owner.fetch(f'SELECT * FROM "{table}"'):
            assert "tom@" not in str(tuple(row)).lower() and "Tom Bell" not in str(tuple(row)), table
    assert (await facts(database))[-1] == "PersonErased"
