"""Signing in with a provider: who gets in, whose account it becomes, and every lie that is not believed."""

import json
from collections.abc import Iterator

import asyncpg
import msgspec
import pytest
from browsing import PASSWORD, Browser, Republic, facts
from joserfc.jwk import RSAKey
from rogue import CLIENT, LIES, SECRET, Lie, Rogue

from procurement.infra.tx import Database
from procurement.settings import Settings

pytestmark = pytest.mark.anyio

INES = "ines@marrow.example"


@pytest.fixture
def state() -> Iterator[Rogue]:
    one = Rogue("state")
    yield one
    one.close()


@pytest.fixture
def canton() -> Iterator[Rogue]:
    one = Rogue("canton")
    yield one
    one.close()


@pytest.fixture
def settings(settings: Settings, state: Rogue, canton: Rogue) -> Settings:
    known = [
        {"key": key, "issuer": one.issuer, "client_id": CLIENT, "client_secret": SECRET, "name": key.title(),
         "strong_acr": ["high"]}
        for key, one in (("state", state), ("canton", canton))
    ]  # fmt: skip
    return msgspec.structs.replace(settings, oidc_providers=json.dumps(known))


@pytest.fixture
async def proved(republic: Republic, owner: asyncpg.Connection) -> None:
    """Ines answered a letter to her address."""
    await owner.execute("UPDATE person SET email_proved_at = now() WHERE id = $1", republic.ines)


async def leave(browser: Browser, key: str = "state", to: str = "") -> str:
    await browser.get("/sign-in")
    answer = await browser.client.get(f"/sign-in/with/{key}", params={"next": to})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def come_back(browser: Browser, code: str, state: str, key: str = "state", **more: str):
    return await browser.client.get(f"/sign-in/with/{key}/back", params={"code": code, "state": state, **more})


async def arrive(browser: Browser, one: Rogue, key: str = "state", **more: str):
    return await come_back(browser, *one.let_in(await leave(browser, key)), key, **more)


async def link(browser: Browser, one: Rogue) -> None:
    """Sign in as Ines with the provider for the first time, then with her password, and link the two."""
    page = (await arrive(browser, one)).headers["location"]
    await browser.sign_in(INES)
    assert "Link it to this account?" in (await browser.get(page)).text
    answer = await browser.send(page, f"{page}/link")
    assert answer.headers.get("location") == "/account", answer.text
    await browser.send("/account", "/sign-out")


async def test_a_linked_provider_signs_in_and_out(
    browser: Browser, republic: Republic, proved: None, state: Rogue, database: Database
) -> None:
    assert "Sign in with State" in (await browser.get("/sign-in")).text
    await link(browser, state)
    assert (await facts(database))[-1] == "ProviderLinked"
    there = await leave(browser, to="/receipts")
    assert "code_challenge=" in there and "scope=openid" in there
    answer = await come_back(browser, *state.let_in(there))
    assert answer.headers["location"] == "/receipts"
    assert "with a provider" in (await browser.get("/account")).text
    out = await browser.send("/account", "/sign-out")
    assert out.headers["location"] == "/signed-out/state" and not browser.session
    assert f"{state.issuer}/logout?client_id={CLIENT}" in (await browser.get("/signed-out/state")).text


async def test_nobody_is_linked_without_signing_in_once(
    browser: Browser, republic: Republic, proved: None, state: Rogue, owner: asyncpg.Connection
) -> None:
    answer = await arrive(browser, state)
    page = answer.headers["location"]
    assert page.startswith("/sign-in/known/") and not browser.session
    assert "You have an account here" in (await browser.get(page)).text
    made = await browser.send(page, f"{page}/new", name="Ines Duarte")
    assert made.status_code == 409 and not browser.session
    assert (await browser.send(page, f"{page}/link")).headers["location"].startswith("/sign-in?")
    assert await owner.fetchval("SELECT count(*) FROM provider_account") == 0


@pytest.mark.parametrize(
    "email, signed_in_as, says",
    [
        (INES, "tom@marrow.example", "another e-mail address than this account"),
        ("tom@marrow.example", "tom@marrow.example", "never showed that its address is yours"),
    ],
)
async def test_an_account_is_linked_under_its_own_proved_address_only(
    browser: Browser, republic: Republic, proved: None, state: Rogue, owner: asyncpg.Connection,
    email: str, signed_in_as: str, says: str,
) -> None:  # fmt: skip
    state.claims = {"email": email}
    page = (await arrive(browser, state)).headers["location"]
    await browser.sign_in(signed_in_as)
    answer = await browser.send(page, f"{page}/link")
    assert (answer.status_code, says in answer.text) == (409, True)
    assert await owner.fetchval("SELECT count(*) FROM provider_account") == 0


async def test_a_newcomer_gets_an_account_of_their_own(
    browser: Browser, another: Browser, republic: Republic, state: Rogue, owner: asyncpg.Connection
) -> None:
    state.claims = {"sub": "nora-7", "email": "Nora@marrow.example", "name": "Nora Vale"}
    page = (await arrive(browser, state)).headers["location"]
    assert 'value="Nora Vale"' in (await browser.get(page)).text
    assert (await another.get(page)).status_code == 410  # the page is for the browser that came back
    answer = await browser.send(page, f"{page}/new", name="Nora Vale")
    assert answer.status_code == 303 and browser.session
    row = await owner.fetchrow("SELECT email, password_hash, email_proved_at FROM person WHERE name = 'Nora Vale'")
    assert row["email"] == "nora@marrow.example" and row["password_hash"] is None and row["email_proved_at"]
    assert (await arrive(another, state)).headers["location"] == "/desk"


@pytest.mark.parametrize("verified", [False, None, "true"])
async def test_an_address_that_the_provider_did_not_verify_is_nobodys(
    browser: Browser, republic: Republic, proved: None, state: Rogue, verified: object
) -> None:
    state.claims = {"email_verified": verified}
    answer = await arrive(browser, state)
    assert answer.status_code == 422 and "did not confirm an e-mail address" in answer.text and not browser.session


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_no_lie_is_believed(browser: Browser, republic: Republic, proved: None, state: Rogue, lie: Lie) -> None:
    await link(browser, state)
    lie(state)
    answer = await arrive(browser, state)
    assert (answer.status_code, browser.session) == (422, None)
    assert "Sign in with State" in answer.text  # the page offers the other ways, and this one again


async def test_a_new_key_is_fetched_when_it_is_needed(
    browser: Browser, republic: Republic, proved: None, state: Rogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await link(browser, state)
    state.key = RSAKey.generate_key(2048, {"kid": "second"})
    state.published = [state.key]
    monkeypatch.setattr("procurement.infra.oidc.provider.PAUSE", 0.0)
    assert (await arrive(browser, state)).headers["location"] == "/desk"


async def test_a_visit_ends_once_in_the_browser_and_at_the_provider_where_it_began(
    browser: Browser, another: Browser, republic: Republic, proved: None, state: Rogue, canton: Rogue,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    """Login CSRF, replayed and swapped codes, and mix-up: the code is not even redeemed."""
    await link(browser, state)
    await another.get("/sign-in")
    redeemed = state.redeemed
    code, ours = state.let_in(await leave(browser))
    assert (await come_back(another, code, ours)).status_code == 410  # somebody else's browser
    assert (await come_back(browser, code, "made-up")).status_code == 410
    assert (await come_back(browser, code, ours, "canton")).status_code == 410
    assert (await come_back(browser, code, ours, iss=canton.issuer)).status_code == 422
    assert state.redeemed == redeemed and not browser.session
    code, ours = state.let_in(await leave(browser))
    await owner.execute("UPDATE provider_visit SET expires_at = clock_timestamp()")
    assert (await come_back(browser, code, ours)).status_code == 410
    code, ours = state.let_in(await leave(browser))
    assert (await come_back(browser, code, ours)).status_code == 303
    await browser.send("/account", "/sign-out")
    assert (await come_back(browser, code, ours)).status_code == 410
    swapped, _ = state.let_in(await leave(another))
    _, ours = state.let_in(await leave(browser))
    assert (await come_back(browser, swapped, ours)).status_code == 422  # PKCE: another's code is worth nothing


async def test_the_same_number_at_another_provider_is_somebody_else(
    browser: Browser, republic: Republic, proved: None, state: Rogue, canton: Rogue
) -> None:
    await link(browser, state)
    answer = await arrive(browser, canton, "canton")
    assert answer.headers["location"].startswith("/sign-in/known/") and not browser.session


async def test_a_provider_that_is_down_or_says_no_leaves_the_other_ways_open(
    browser: Browser, republic: Republic, state: Rogue, canton: Rogue
) -> None:
    state.answers = False
    await browser.get("/sign-in")
    answer = await browser.client.get("/sign-in/with/state")
    assert answer.status_code == 503 and "State does not answer" in answer.text and 'name="password"' in answer.text
    _, ours = canton.let_in(await leave(browser, "canton"))
    denied = await come_back(browser, "", ours, "canton", error="access_denied")
    assert denied.status_code == 422 and "let nobody in" in denied.text
    assert (await browser.sign_in(INES)).status_code == 303
    assert (await browser.client.get("/sign-in/with/nowhere")).status_code == 404


async def test_a_provider_that_asked_for_more_confirms_what_matters(
    browser: Browser, republic: Republic, proved: None, state: Rogue, owner: asyncpg.Connection
) -> None:
    await link(browser, state)
    await arrive(browser, state)
    stale = "UPDATE web_session SET stepped_up_at = stepped_up_at - interval '6 minutes'"
    for said, status in (
        ({}, 422), ({"acr": "high", "auth_time": None}, 422), ({"acr": "high", "auth_time": 1}, 422),
        ({"acr": "high", "sub": "somebody-else"}, 422), ({"acr": "high"}, 303),
    ):  # fmt: skip
        await owner.execute(stale)
        assert "Confirm with State" in (await browser.get("/account/step-up?next=/account/tokens/new")).text
        answer = await browser.client.get("/account/step-up/with/state", params={"next": "/account/tokens/new"})
        assert "prompt=login" in answer.headers["location"] and "acr_values=high" in answer.headers["location"]
        state.claims = dict(said)
        back = await come_back(browser, *state.let_in(answer.headers["location"]))
        assert back.status_code == status, said
    assert (await browser.client.get("/account/tokens/new")).status_code == 200


async def test_only_a_strong_provider_puts_an_officers_roles_in_force(
    browser: Browser, republic: Republic, state: Rogue, owner: asyncpg.Connection
) -> None:
    state.claims = {"sub": "olga-3", "email": "olga@marrow.example"}
    await owner.execute(
        "INSERT INTO provider_account VALUES ($1, 'olga-3', $2, now(), now())", state.issuer, republic.olga
    )
    assert (await arrive(browser, state)).headers["location"] == "/account/protect?next=/desk"
    assert (await browser.client.get("/organisation")).headers["location"] == "/account/protect?next=/organisation"
    await browser.send("/account", "/sign-out")
    state.claims["acr"] = "high"
    assert (await arrive(browser, state)).headers["location"] == "/desk"
    assert (await browser.client.get("/organisation")).status_code == 200


async def test_a_provider_alone_makes_no_second_factor_where_there_is_one(
    browser: Browser, republic: Republic, proved: None, state: Rogue, owner: asyncpg.Connection
) -> None:
    await browser.sign_in(INES)
    await browser.prove_more()
    await browser.send("/account", "/sign-out")
    await owner.execute(
        "INSERT INTO provider_account VALUES ($1, 'ines-3', $2, now(), now())", state.issuer, republic.ines
    )
    state.claims = {"sub": "ines-3", "email": INES}
    assert (await arrive(browser, state)).headers["location"] == "/desk"
    codes = await owner.fetch("SELECT code_sha256 FROM recovery_code ORDER BY 1")
    for act in ("/account/recovery-codes", "/account/app/remove"):
        answer = await browser.send("/account", act)
        assert answer.headers["location"].startswith("/account/protect"), act
    assert await owner.fetch("SELECT code_sha256 FROM recovery_code ORDER BY 1") == codes
    page = await browser.get("/account/protect")
    assert "Code from your authenticator app" in page.text and "Set it up now" not in page.text


async def test_a_link_ends_unless_it_is_the_only_way_in(
    browser: Browser, another: Browser, republic: Republic, proved: None, state: Rogue
) -> None:
    await link(browser, state)
    await browser.sign_in(INES, PASSWORD)
    assert (await browser.send("/account", "/account/providers/state/remove")).status_code == 303
    assert (await arrive(another, state)).headers["location"].startswith("/sign-in/known/")
    state.claims = {"sub": "nora-7", "email": "nora@marrow.example"}
    page = (await arrive(another, state)).headers["location"]
    await another.send(page, f"{page}/new", name="Nora Vale")
    assert (await another.send("/account", "/account/providers/state/remove")).status_code == 409
