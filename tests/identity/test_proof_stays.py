"""A link, a queue or an old token stands in for no proof of who somebody is."""

import asyncio

import asyncpg
import pytest
from browsing import PASSWORD, Browser, Republic, link_in
from waiting import Letters

from procurement.identity.service import hashing
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio
INES, OLGA = "ines@marrow.example", "olga@marrow.example"


async def test_an_invitation_confirms_nobody_and_prolongs_no_session(
    browser: Browser, another: Browser, republic: Republic, letters: Letters, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    await browser.send("/organisation", "/organisation/invitations", email="x@marrow.example", role="member")
    link = link_in((await letters())[0], "/invitations")
    await another.sign_in(OLGA)
    hour_ago = "clock_timestamp() - interval '1 hour'"
    await owner.execute(f"UPDATE web_session SET stepped_up_at = {hour_ago} WHERE person = $1", republic.olga)
    before = await owner.fetchrow("SELECT id, expires_at, stepped_up_at FROM web_session WHERE person = $1",
                                  republic.olga)  # fmt: skip
    assert (await another.send(link)).headers["location"] == "/desk"
    after = await owner.fetch("SELECT id, expires_at, stepped_up_at, organisation FROM web_session WHERE person = $1",
                              republic.olga)  # fmt: skip
    assert [tuple(row) for row in after] == [(*before, republic.harbour)]
    assert "/account/step-up" in (await another.client.get("/account/tokens/new")).headers["location"]


async def test_a_recovered_account_has_no_tokens_of_before(
    browser: Browser, republic: Republic, letters: Letters, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    await browser.make_token(republic.harbour, "stolen", 30)
    assert await owner.fetchval("SELECT count(*) FROM api_token WHERE revoked_at IS NULL") == 1
    await browser.send("/recover", email=INES)
    link = link_in((await letters())[0], "/recover")
    assert (await browser.send(link, password=PASSWORD + " again")).status_code == 200
    assert await owner.fetchval("SELECT count(*) FROM api_token WHERE revoked_at IS NULL") == 0


async def test_a_crowd_at_the_door_is_sent_away_before_it_holds_every_connection() -> None:
    tries = await asyncio.gather(*(hashing.matches("x", None) for _ in range(20)), return_exceptions=True)
    refused = [one for one in tries if isinstance(one, Refused)]
    assert len(refused) == 20 - hashing.MOST_AT_ONCE and {one.code for one in refused} == {"too-busy"}
    assert await hashing.matches("x", None) is False  # there is room again
