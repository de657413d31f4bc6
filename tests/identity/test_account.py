"""One's own account: password, sessions, stepping up, tokens, recovery and the end."""

import re

import asyncpg
import pytest
from browsing import PASSWORD, Browser, Republic, facts, link_in
from waiting import Letters

from procurement.infra.tx import Database

pytestmark = pytest.mark.anyio
INES, TOM = "ines@marrow.example", "tom@marrow.example"
NEW = "seven kites at the harbour"


async def test_changing_the_password_signs_out_everywhere_else(
    browser: Browser, another: Browser, republic: Republic
) -> None:
    await browser.sign_in(INES)
    await another.sign_in(INES)
    before = browser.session
    answer = await browser.send("/account", "/account/password", current=PASSWORD, password=NEW)
    assert answer.status_code == 303 and browser.session != before
    assert (await browser.client.get("/account")).status_code == 200
    assert (await another.client.get("/account")).status_code == 303
    assert (await another.sign_in(INES)).status_code == 422
    assert (await another.sign_in(INES, NEW)).status_code == 303


@pytest.mark.parametrize(
    "current, new, says",
    [
        ("wrong lamp", NEW, "Enter the password you have now."),
        (PASSWORD, "short", "Use at least 12 characters."),
        (PASSWORD, "ines-duarte-2026", "Do not use your own name"),
        (PASSWORD, PASSWORD, "Choose another."),
    ],
)
async def test_a_bad_new_password_changes_nothing(
    browser: Browser, republic: Republic, current: str, new: str, says: str
) -> None:
    await browser.sign_in(INES)
    answer = await browser.send("/account", "/account/password", current=current, password=new)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert (await browser.client.get("/account")).status_code == 200


async def test_sessions_are_listed_and_end_one_by_one(browser: Browser, another: Browser, republic: Republic) -> None:
    another.client.headers["user-agent"] = "Beacon <b>9</b>"
    await another.sign_in(INES)
    await browser.sign_in(INES)
    page = (await browser.get("/account")).text
    assert "Beacon &lt;b&gt;9&lt;/b&gt;" in page
    [other] = re.findall(r"/account/sessions/(\w+)/end", page)
    assert (await browser.send("/account", f"/account/sessions/{other}/end")).status_code == 303
    assert (await another.client.get("/account")).status_code == 303


async def test_nobody_ends_somebody_elses_session_or_token(
    browser: Browser, another: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    await another.sign_in(TOM)
    await another.make_token(republic.harbour, "ours", 30)
    session = await owner.fetchval("SELECT id FROM web_session WHERE person = $1", republic.tom)
    token = await owner.fetchval("SELECT id FROM api_token")
    await browser.sign_in(INES)
    assert (await browser.send("/account", f"/account/sessions/{session}/end")).status_code == 404
    assert (await browser.send("/account", f"/account/tokens/{token}/revoke")).status_code == 404
    assert (await another.client.get("/account")).status_code == 200
    assert "ours" in (await another.get("/account")).text


async def test_what_matters_asks_again_and_the_session_gets_a_new_token(
    browser: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    await owner.execute("UPDATE web_session SET stepped_up_at = stepped_up_at - interval '5 minutes 1 second'")
    stale = browser.session or ""
    answer = await browser.client.get("/account/tokens/new")
    assert answer.headers["location"] == "/account/step-up?next=/account/tokens/new"
    wrong = await browser.send("/account/step-up", password="wrong lamp")
    assert wrong.status_code == 422 and browser.session == stale
    right = await browser.send("/account/step-up", password=PASSWORD, next="/account/tokens/new")
    assert right.headers["location"] == "/account/tokens/new" and browser.session != stale
    assert (await browser.client.get("/account/tokens/new")).status_code == 200
    browser.client.cookies.clear()
    browser.client.cookies.set("session", stale)
    assert (await browser.client.get("/account")).status_code == 303


async def test_stepping_up_does_not_lengthen_a_session(
    browser: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    ends = await owner.fetchval("SELECT expires_at FROM web_session")
    await browser.send("/account/step-up", password=PASSWORD)
    assert {row["expires_at"] for row in await owner.fetch("SELECT expires_at FROM web_session")} == {ends}


async def test_a_token_is_shown_once_acts_for_one_organisation_and_dies_when_revoked(
    browser: Browser, republic: Republic, database: Database, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(TOM)
    shown = await browser.make_token(republic.harbour, "our bid software", 30)
    token = shown.text.split('class="mono"><bdi>')[1].split("<")[0]
    assert token.startswith("pm_") and token not in (await browser.get("/account")).text
    browser.client.cookies.clear()
    bearer = {"authorization": f"Bearer {token}"}
    me = await browser.client.get("/api/v1/me", headers=bearer)
    role = {
        "organisation": republic.harbour,
        "name": "Harbour Paving Co-operative",
        "kind": "supplier",
        "role": "member",
    }
    whose = {"person": republic.tom, "organisation": republic.harbour, "roles": [role]}
    assert me.json() == whose | {"token": await owner.fetchval("SELECT id FROM api_token"), "scopes": ["read", "bid"]}
    assert "TokenIssued" in await facts(database)
    assert not [row for row in await owner.fetch("SELECT body FROM ledger_record") if token.encode() in row["body"]]
    await owner.execute("UPDATE api_token SET revoked_at = clock_timestamp()")
    refused = await browser.client.get("/api/v1/me", headers=bearer)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/token-invalid")


async def test_an_expired_token_and_a_cookie_open_no_interface(
    browser: Browser, republic: Republic, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(TOM)
    shown = await browser.make_token(republic.harbour, "x", 1)
    token = shown.text.split('class="mono"><bdi>')[1].split("<")[0]
    await owner.execute("UPDATE api_token SET expires_at = clock_timestamp()")
    for headers in ({"authorization": f"Bearer {token}"}, {}, {"authorization": "Basic eDp5"}):
        answer = await browser.client.get("/api/v1/me", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("days", ["0", "366", "many"])
async def test_a_token_for_an_odd_time_is_refused_in_the_form(browser: Browser, republic: Republic, days: str) -> None:
    await browser.sign_in(TOM)
    answer = await browser.make_token(republic.harbour, "x", days)
    assert answer.status_code == 422 and 'href="#days"' in answer.text


async def test_a_lost_password_is_set_again_by_a_link_that_works_once(
    browser: Browser, another: Browser, republic: Republic, letters: Letters
) -> None:
    await another.sign_in(INES)
    asked = await browser.send("/recover", email="Ines@marrow.example")
    [letter] = await letters()
    assert letter.to == INES and letter.subject == "Set a new password"
    link = link_in(letter, "/recover")
    assert (await browser.send(link, password="short")).status_code == 422
    assert (await browser.send(link, password=NEW)).status_code == 200
    assert (await another.client.get("/account")).status_code == 303  # signed out everywhere
    assert (await browser.get(link)).status_code == 410
    assert (await browser.send("/recover", link, password=PASSWORD)).status_code == 410
    assert (await browser.sign_in(INES, NEW)).status_code == 303
    unknown = await another.send("/recover", email="nobody@marrow.example")
    assert unknown.status_code == asked.status_code == 200
    assert unknown.text.partition("<main")[2] == asked.text.partition("<main")[2]  # above stands a clock
    assert [one.subject for one in await letters()].count("Set a new password") == 1


async def test_an_old_or_replaced_link_is_dead(
    browser: Browser, republic: Republic, letters: Letters, owner: asyncpg.Connection
) -> None:
    await browser.send("/recover", email=INES)
    [first] = await letters()
    await browser.send("/recover", email=INES)
    second = next(letter for letter in await letters() if letter.name != first.name)
    assert (await browser.get(link_in(first, "/recover"))).status_code == 410
    assert (await browser.get(link_in(second, "/recover"))).status_code == 200
    await owner.execute("UPDATE recovery SET expires_at = clock_timestamp()")
    assert (await browser.get(link_in(second, "/recover"))).status_code == 410


async def test_a_mailbox_gets_five_letters_an_hour(browser: Browser, republic: Republic, letters: Letters) -> None:
    answers = [(await browser.send("/recover", email=INES)).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


async def test_the_sandbox_shows_its_letters_to_everyone(
    browser: Browser, republic: Republic, letters: Letters
) -> None:
    assert "No letters yet" in (await browser.get("/practice/mailbox")).text
    await browser.send("/recover", email=INES)
    [letter] = await letters()
    assert "Set a new password" in (await browser.get("/practice/mailbox")).text
    assert link_in(letter, "/recover") in (await browser.get(f"/practice/mailbox/{letter.name}")).text
    assert (await browser.get("/practice/mailbox/..%2F..%2Fkeys")).status_code == 404


async def test_closing_an_account_erases_the_person_and_keeps_the_record(
    browser: Browser, republic: Republic, database: Database, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(TOM)
    assert (await browser.send("/account/close")).headers["location"] == "/"
    row = await owner.fetchrow("SELECT name, email, password_hash FROM person WHERE id = $1", republic.tom)
    assert tuple(row or ()) == (None, None, None)
    assert (await facts(database))[-2:] == ["MembershipEnded", "PersonErased"]
    assert (await browser.sign_in(TOM)).status_code == 422


async def test_the_last_owner_cannot_close_the_account(browser: Browser, republic: Republic) -> None:
    await browser.sign_in(INES)
    answer = await browser.send("/account/close")
    assert (answer.status_code, "Make somebody else an owner first" in answer.text) == (409, True)
    assert (await browser.client.get("/account")).status_code == 200


async def test_one_acts_only_for_ones_own_organisations(browser: Browser, republic: Republic) -> None:
    await browser.sign_in(INES)
    assert (await browser.send("/account", "/account/organisation", organisation=republic.city)).status_code == 404
    answer = await browser.send("/account", "/account/organisation", organisation=republic.harbour)
    assert answer.headers["location"] == "/desk"


async def test_every_page_of_the_account_sends_nobody_to_sign_in(browser: Browser, republic: Republic) -> None:
    pages = ("/account", "/account/step-up", "/account/tokens/new", "/account/app", "/account/close", "/register/done")
    for path in (*pages, "/organisation", "/supplier/profile"):
        answer = await browser.client.get(path)
        assert answer.headers["location"] == f"/sign-in?next={path}"
