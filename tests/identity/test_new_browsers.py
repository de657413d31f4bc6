"""A sign-in from a browser not seen before is told to its owner; sessions say how they began, and end together."""

import httpx
import pytest
from browsing import Browser, Republic
from waiting import Letters

pytestmark = pytest.mark.anyio

INES = "ines@marrow.example"
TOLD = "You signed in from a new browser"


async def told(letters: Letters) -> int:
    return len([letter for letter in await letters() if letter.subject == TOLD and letter.to == INES])


async def test_only_a_new_browser_is_told_and_the_first_is_not(
    browser: Browser, another: Browser, republic: Republic, letters: Letters
) -> None:
    another.client.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    await browser.sign_in(INES)
    assert await told(letters) == 0
    await another.sign_in(INES)
    assert await told(letters) == 1
    assert "Firefox, Linux" in next(letter.text for letter in await letters() if letter.subject == TOLD)
    for one in (browser, another):
        await one.send("/account", "/sign-out")
        await one.sign_in(INES)
    assert await told(letters) == 1
    another.client.cookies = httpx.Cookies()  # a browser that keeps nothing is new each time
    await another.sign_in(INES)
    assert await told(letters) == 2


async def test_everywhere_else_ends_at_once(browser: Browser, another: Browser, republic: Republic) -> None:
    await another.sign_in(INES)
    await browser.sign_in(INES)
    page = (await browser.get("/account")).text
    assert "with a password" in page and "Sign out everywhere else" in page
    assert (await browser.send("/account", "/account/sessions/end-others")).status_code == 303
    assert (await another.client.get("/account")).status_code == 303
    assert "Sign out everywhere else" not in (await browser.get("/account")).text
