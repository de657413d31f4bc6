"""A provider that others wrote, over HTTP, through every redirect."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec
import pytest
from browsing import Browser, Republic
from outside_provider import provider

from procurement.settings import Settings

pytestmark = pytest.mark.anyio

INES = {"sub": "ines-1", "email": "ines@marrow.example", "email_verified": True, "name": "Ines Duarte"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider(INES) as one:
        yield one


@pytest.fixture
def settings(settings: Settings, issuer: str) -> Settings:
    return msgspec.structs.replace(
        settings, oidc_issuer=issuer, oidc_client_id="procurement", oidc_client_secret="x", oidc_name="Marrow ID"
    )


async def through(browser: Browser, sub: str) -> httpx.Response:
    """Press the button, sign in over there as somebody, and come back."""
    assert "Sign in with Marrow ID" in (await browser.get("/sign-in")).text
    there = (await browser.client.get("/sign-in/with/provider")).headers["location"]
    async with httpx.AsyncClient() as outside:
        assert "Authorize" in (await outside.get(there)).text
        back = (await outside.post(there, data={"sub": sub})).headers["location"]
    found = urlsplit(back)
    assert f"{found.scheme}://{found.netloc}" == "http://test" and found.path == "/sign-in/with/provider/back"
    return await browser.client.get(f"{found.path}?{found.query}")


async def test_an_account_is_linked_once_and_found_again(
    browser: Browser, another: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE person SET email_proved_at = now() WHERE id = $1", republic.ines)
    page = (await through(browser, "ines-1")).headers["location"]
    assert "You have an account here" in (await browser.get(page)).text
    await browser.sign_in("ines@marrow.example")
    assert (await browser.send(page, f"{page}/link")).headers["location"] == "/account"
    assert (await through(another, "ines-1")).headers["location"] == "/desk"
    assert "Ines Duarte" in (await another.get("/account")).text


async def test_somebody_without_a_verified_address_is_told_so(browser: Browser, republic: Republic) -> None:
    answer = await through(browser, "stranger@marrow.example")
    assert answer.status_code == 422 and "Marrow ID did not confirm an e-mail address" in answer.text


async def test_who_says_no_over_there_is_back_at_the_sign_in_page(browser: Browser, republic: Republic) -> None:
    await browser.get("/sign-in")
    there = (await browser.client.get("/sign-in/with/provider")).headers["location"]
    async with httpx.AsyncClient() as outside:
        denied = (await outside.post(there, data={"action": "deny"})).headers["location"]
    answer = await browser.client.get(f"/sign-in/with/provider/back?{urlsplit(denied).query}")
    assert answer.status_code in (410, 422) and 'name="password"' in answer.text and not browser.session
