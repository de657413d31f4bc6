"""A program's token is confirmed by its owner's proof, for five minutes and for itself alone."""

from datetime import timedelta

import httpx
import pyotp
import pytest
from browsing import PASSWORD, Republic
from sqlalchemy import text

from procurement.identity import service as identity
from procurement.identity.service import second_factor, tokens
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.refusal import Refused

pytestmark = pytest.mark.anyio

STEP_UP = "/api/v1/me/step-up"


async def a_token(database: Database, person: str, organisation: str = "") -> str:
    async with database.begin(Actor(person=person)) as tx:
        tx.actor = Actor(person=person, organisation=organisation, stepped_up_at=tx.real_now)
        return await tokens.issue(tx, "bid software", 1)


async def prove(client: httpx.AsyncClient, token: str, **proof: str) -> httpx.Response:
    return await client.post(STEP_UP, json=proof, headers={"authorization": f"Bearer {token}"})


async def is_confirmed(database: Database, token: str, later: timedelta = timedelta()) -> bool:
    """Whether the person behind the token may do now, or that much later, what needs a fresh proof."""
    async with database.begin(Actor()) as tx:
        found = await identity.actor_for_bearer(tx.session, token, tx.real_now)
        assert found
        try:
            found.actor.must_be_stepped_up(tx.real_now + later)
        except Refused as no:
            assert no.code == "step-up-needed"
            return False
        return True


async def test_a_token_is_not_confirmed_until_its_owner_proves_it(
    client: httpx.AsyncClient, database: Database, republic: Republic
) -> None:
    token = await a_token(database, republic.ines)
    assert not await is_confirmed(database, token)
    for proof in ({}, {"password": "wrong lamp"}, {"code": "000000"}):
        answer = await prove(client, token, **proof)
        assert (answer.status_code, answer.json()["type"].removeprefix("/problems/")) in (
            (422, "password-wrong"),
            (422, "code-refused"),
        )
    assert not await is_confirmed(database, token)
    assert (await prove(client, token, password=PASSWORD)).status_code == 200
    assert await is_confirmed(database, token)


async def test_the_confirmation_holds_five_minutes_and_for_this_token_alone(
    client: httpx.AsyncClient, database: Database, republic: Republic
) -> None:
    token, other = await a_token(database, republic.ines), await a_token(database, republic.ines)
    await prove(client, token, password=PASSWORD)
    assert await is_confirmed(database, token, timedelta(minutes=4, seconds=50))
    assert not await is_confirmed(database, token, timedelta(minutes=5, seconds=1))
    assert not await is_confirmed(database, other)


async def test_a_code_of_the_app_proves_it_once(
    client: httpx.AsyncClient, database: Database, republic: Republic
) -> None:
    async with database.begin(Actor(person=republic.ines)) as tx:
        tx.actor = Actor(person=republic.ines, stepped_up_at=tx.real_now)
        await second_factor.begin(tx)
        secret = str(await tx.session.scalar(text("SELECT secret FROM totp")))
        await tx.session.execute(text("UPDATE totp SET confirmed_at = clock_timestamp()"))
    token, code = await a_token(database, republic.ines), pyotp.TOTP(secret).now()
    assert (await prove(client, token, code=code)).status_code == 200
    assert (await prove(client, token, code=code)).status_code == 422


async def test_fictional_people_press_no_button(
    client: httpx.AsyncClient, database: Database, republic: Republic
) -> None:
    token = await a_token(database, republic.pia)
    assert (await prove(client, token)).status_code == 200
    assert await is_confirmed(database, token)


async def test_proofs_are_tried_as_seldom_as_on_the_page(
    client: httpx.AsyncClient, database: Database, republic: Republic
) -> None:
    token = await a_token(database, republic.pia)
    answers = [(await prove(client, token)).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


async def test_without_a_token_there_is_nothing_to_confirm(client: httpx.AsyncClient, republic: Republic) -> None:
    assert (await client.post(STEP_UP, json={"password": PASSWORD})).status_code == 401
