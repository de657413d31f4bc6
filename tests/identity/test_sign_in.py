"""Signing in and out: what is answered, what the cookie is, and which proofs are dead afterwards."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import msgspec
import pyotp
import pytest
from browsing import PASSWORD, Browser, Republic
from pwdlib import PasswordHash

from procurement.identity.service.hashing import hashed
from procurement.infra.tx import Database
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio
INES = "ines@marrow.example"


async def test_the_right_password_signs_in_and_the_cookie_is_closed(browser: Browser, republic: Republic) -> None:
    answer = await browser.send("/sign-in", email=" Ines@Marrow.example ", password=PASSWORD, next="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert "Ines Duarte" in (await browser.get("/account")).text


async def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(
    settings: Settings, republic: Republic, serve: "Serve"
) -> None:
    async with serve(msgspec.structs.replace(settings, base_url="https://test")) as client:
        answer = await Browser(client).sign_in(INES)
    assert answer.headers["set-cookie"].startswith("__Host-session=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age=63072000" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("email, password", [(INES, "wrong lamp over gravel"), ("nobody@marrow.example", PASSWORD)])
async def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(
    browser: Browser, republic: Republic, email: str, password: str
) -> None:
    answer = await browser.sign_in(email, password)
    assert answer.status_code == 422
    assert "The e-mail address or the password is not right." in answer.text
    assert PASSWORD not in answer.text and not browser.session
    assert email in answer.text  # what was typed is kept, but for the password


async def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(
    browser: Browser, republic: Republic, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    ours = await hashed(PASSWORD)  # as the service makes them
    await owner.execute("UPDATE person SET password_hash = $1 WHERE id = $2", ours, republic.ines)

    def verify(self: PasswordHash, password: str, stored: str) -> bool:
        checked.append(stored.rpartition("$")[0].rpartition("$")[0])
        return False

    monkeypatch.setattr(PasswordHash, "verify", verify)
    await browser.sign_in(INES, "wrong lamp over gravel")
    await browser.sign_in("nobody@marrow.example", "wrong lamp over gravel")
    assert checked == ["$argon2id$v=19$m=65536,t=3,p=4"] * 2


async def test_signing_in_makes_a_new_session_and_ends_the_one_before(browser: Browser, republic: Republic) -> None:
    browser.client.cookies.set("session", "chosen-by-somebody-else", domain="test.local", path="/")
    await browser.sign_in(INES)
    first = browser.session
    assert first != "chosen-by-somebody-else"
    await browser.send("/account", "/practice/sign-in", person=republic.pia)
    assert browser.session not in (None, first)
    browser.client.cookies.clear()
    browser.client.cookies.set("session", first or "")
    assert (await browser.client.get("/account")).headers["location"].startswith("/sign-in")


async def test_signing_out_ends_the_session_on_the_server(browser: Browser, republic: Republic) -> None:
    await browser.sign_in(INES)
    kept = browser.session
    assert (await browser.send("/account", "/sign-out")).headers["location"] == "/"
    assert not browser.session
    browser.client.cookies.set("session", kept or "")
    assert (await browser.client.get("/account")).status_code == 303


@pytest.mark.parametrize(
    "change", ["last_seen_at = last_seen_at - interval '30 minutes'", "expires_at = clock_timestamp()"]
)
async def test_an_idle_or_old_session_is_nobody(
    browser: Browser, republic: Republic, owner: asyncpg.Connection, change: str
) -> None:
    await browser.sign_in(INES)
    await owner.execute(f"UPDATE web_session SET {change}")
    assert (await browser.client.get("/account")).headers["location"].startswith("/sign-in")


async def test_the_legal_clock_of_a_sandbox_ends_no_session(browser: Browser, republic: Republic, advance) -> None:
    await browser.sign_in(INES)
    await advance(timedelta(days=40))
    assert (await browser.client.get("/account")).status_code == 200
    assert (await browser.client.get("/account/tokens/new")).status_code == 200  # still stepped up: it was just now


async def test_a_disabled_account_is_nobody_at_once(
    browser: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    await owner.execute("UPDATE person SET disabled_at = clock_timestamp() WHERE id = $1", republic.ines)
    assert (await browser.client.get("/account")).status_code == 303
    assert (await browser.sign_in(INES)).status_code == 422


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_signing_in_never_leads_to_another_site(browser: Browser, republic: Republic, to: str) -> None:
    answer = await browser.send("/sign-in", email=INES, password=PASSWORD, next=to)
    assert answer.headers["location"] == "/desk"


async def test_a_form_without_its_token_changes_nothing(browser: Browser, republic: Republic) -> None:
    await browser.get("/sign-in")
    for token in ("", "0" * 64):
        answer = await browser.client.post("/sign-in", data={"_token": token, "email": INES, "password": PASSWORD})
        assert answer.status_code == 403
    assert not browser.session


@pytest.mark.parametrize("header", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_a_form_from_another_site_changes_nothing(
    browser: Browser, republic: Republic, header: dict[str, str]
) -> None:
    await browser.get("/sign-in")
    data = {"_token": browser.token, "email": INES, "password": PASSWORD}
    assert (await browser.client.post("/sign-in", data=data, headers=header)).status_code == 403
    assert not browser.session


async def test_the_twenty_first_try_on_an_account_is_refused_even_with_the_right_password(
    browser: Browser, republic: Republic
) -> None:
    for _ in range(20):
        assert (await browser.sign_in(INES, "x")).status_code == 422
    answer = await browser.sign_in(INES)
    assert (answer.status_code, "Too many tries" in answer.text) == (429, True)
    assert (await browser.sign_in("olga@marrow.example")).status_code == 303  # another account is not locked


async def test_without_valkey_nobody_signs_in(settings: Settings, republic: Republic, serve: "Serve") -> None:
    async with serve(msgspec.structs.replace(settings, redis_url="unix:///nowhere/at.all")) as client:
        answer = await Browser(client).sign_in(INES)
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers


async def test_a_sandbox_offers_its_fictional_people_and_only_them(browser: Browser, republic: Republic) -> None:
    page = (await browser.get("/sign-in")).text
    assert "Pia Lund" in page and "Approver" in page and "Ines Duarte" not in page
    assert (await browser.send("/sign-in", "/practice/sign-in", person=republic.ines)).status_code == 403
    assert (await browser.send("/sign-in", "/practice/sign-in", person=republic.pia)).status_code == 303
    assert "Pia Lund" in (await browser.get("/account")).text


async def test_outside_a_sandbox_nobody_is_signed_in_without_a_proof(
    browser: Browser, republic: Republic, owner: asyncpg.Connection, database: Database
) -> None:
    await owner.execute("ALTER TABLE installation DISABLE TRIGGER USER")
    await owner.execute("UPDATE installation SET sandbox = false")
    assert "Pia Lund" not in (await browser.get("/sign-in")).text
    assert (await browser.send("/sign-in", "/practice/sign-in", person=republic.pia)).status_code == 403
    assert (await browser.get("/practice/mailbox")).status_code == 404


async def with_app(browser: Browser) -> str:
    """Set up an authenticator; returns its secret. The recovery codes are on the last page."""
    await browser.sign_in(INES)
    await browser.send("/account", "/account/app")
    page = (await browser.get("/account/app")).text
    secret = page.split('class="mono">')[1].split("<")[0].replace(" ", "")
    assert (await browser.get("/account/app/qr.svg")).headers["content-type"] == "image/svg+xml"
    wrong = await browser.send("/account/app", "/account/app/confirm", code="000000")
    assert wrong.status_code == 422
    right = await browser.send("/account/app", "/account/app/confirm", code=pyotp.TOTP(secret).now())
    assert right.status_code == 200
    browser.codes = [piece.split("<")[0] for piece in right.text.split('class="mono"><bdi>')[1:]]
    return secret


async def code_page(browser: Browser) -> str:
    """Sign in with the password; returns the challenge of the code page."""
    answer = await browser.sign_in(INES)
    assert answer.status_code == 200 and not answer.headers.get("location")
    return answer.text.split('name="challenge" value="')[1].split('"')[0]


async def test_with_an_app_the_password_alone_opens_nothing(
    browser: Browser, another: Browser, republic: Republic
) -> None:
    secret = await with_app(browser)
    assert len(browser.codes) == 10
    assert (await browser.client.get("/account/app/qr.svg")).status_code == 404  # shown only while it is set up
    challenge = await code_page(another)
    assert not another.session
    wrong = await another.send("/sign-in", "/sign-in/code", challenge=challenge, code="123456")
    assert (wrong.status_code, another.session) == (422, None)
    now = pyotp.TOTP(secret).at(time.time() + 30)  # the code of this step was spent when the app was set up
    assert (await another.send("/sign-in", "/sign-in/code", challenge=challenge, code=now)).status_code == 303
    assert another.session


async def test_a_code_a_challenge_and_a_recovery_code_work_once(
    browser: Browser, another: Browser, republic: Republic
) -> None:
    secret = await with_app(browser)
    code, challenge = pyotp.TOTP(secret).at(time.time() + 30), await code_page(another)
    assert (await another.send("/sign-in", "/sign-in/code", challenge=challenge, code=code)).status_code == 303
    another.client.cookies.clear()
    replayed = await another.send("/sign-in", "/sign-in/code", challenge=await code_page(another), code=code)
    assert replayed.status_code == 422 and not another.session
    again = await another.send("/sign-in", "/sign-in/code", challenge=challenge, code=browser.codes[0])
    assert again.status_code == 410
    challenge = await code_page(another)
    spent = browser.codes[0].upper().replace("-", " ")
    assert (await another.send("/sign-in", "/sign-in/code", challenge=challenge, code=spent)).status_code == 303
    another.client.cookies.clear()
    twice = await another.send("/sign-in", "/sign-in/code", challenge=await code_page(another), code=spent)
    assert twice.status_code == 422 and not another.session
