"""Passkeys: several of them, signing in and stepping up with them, and every answer that is not believed."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import msgspec
import pytest
from authenticator import Authenticator
from browsing import PASSWORD, Browser, Republic, facts
from waiting import Letters

from procurement.identity.rules.passkeys import relying_party
from procurement.infra.tx import Database
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio

INES, OLGA = "ines@marrow.example", "olga@marrow.example"
ORIGIN, SITE = "http://localhost:8000", "localhost"

Open = Callable[[], Browser]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, base_url=ORIGIN)


@pytest.fixture
async def open_browser(client: httpx.AsyncClient) -> AsyncIterator[Open]:
    """New browsers on the service at a name for which passkeys are kept."""
    clients = list[httpx.AsyncClient]()

    def another() -> Browser:
        transport = client._transport  # httpx has no public name for it
        clients.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN))
        return Browser(clients[-1])

    yield another
    for one in clients:
        await one.aclose()


async def question(browser: Browser, page: str, action: str) -> dict[str, Any]:
    answer = await browser.send(page, f"{action}/question")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]  # an object


async def enrol(browser: Browser, email: str = INES, label: str = "my phone") -> Authenticator:
    """Sign in with the password and add a passkey."""
    if not browser.session:
        await browser.sign_in(email)
    device = Authenticator(ORIGIN, SITE)
    asked = await question(browser, "/account/passkeys/new", "/account/passkeys")
    answer = await browser.send(
        "/account/passkeys/new", "/account/passkeys", credential=device.make(asked), label=label
    )
    assert answer.status_code in (200, 303), answer.text
    return device


async def sign_in(browser: Browser, device: Authenticator, **faults: Any) -> httpx.Response:
    asked = await question(browser, "/sign-in", "/sign-in/passkey")
    return await browser.send("/sign-in", "/sign-in/passkey", credential=device.answer(asked, **faults))


async def test_a_passkey_signs_in_alone_and_the_session_says_so(
    open_browser: Open, republic: Republic, database: Database
) -> None:
    first, second = open_browser(), open_browser()
    device = await enrol(first)
    assert (await facts(database))[-1] == "PasskeyAdded"
    answer = await sign_in(second, device)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    page = (await second.get("/account")).text
    assert "my phone" in page and "with a passkey" in page


async def test_the_first_passkey_brings_recovery_codes_and_the_password_alone_opens_nothing_more(
    open_browser: Open, republic: Republic
) -> None:
    first, second = open_browser(), open_browser()
    await first.sign_in(INES)
    device = Authenticator(ORIGIN, SITE)
    asked = await question(first, "/account/passkeys/new", "/account/passkeys")
    shown = await first.send("/account/passkeys/new", "/account/passkeys", credential=device.make(asked), label="key")
    codes = [piece.split("<")[0] for piece in shown.text.split('class="mono"><bdi>')[1:]]
    assert len(codes) == 10
    waiting = await second.sign_in(INES)
    assert waiting.status_code == 200 and not second.session and "Use your passkey" in waiting.text
    challenge = waiting.text.split('name="challenge" value="')[1].split('"')[0]
    entered = await second.send("/sign-in", "/sign-in/code", challenge=challenge, code=codes[0])
    assert entered.status_code == 303 and second.session


async def test_a_passkey_confirms_what_matters_and_only_its_owners(
    open_browser: Open, republic: Republic, owner: asyncpg.Connection
) -> None:
    browser, other = open_browser(), open_browser()
    device, foreign = await enrol(browser), await enrol(other, "tom@marrow.example")
    await owner.execute("UPDATE web_session SET stepped_up_at = stepped_up_at - interval '6 minutes'")
    assert (await browser.client.get("/account/tokens/new")).status_code == 303
    asked = await question(browser, "/account/step-up", "/account/step-up/passkey")
    assert len(asked["allowCredentials"]) == 1
    wrong = await browser.send("/account/step-up", "/account/step-up/passkey", credential=foreign.answer(asked))
    assert wrong.status_code == 422
    before = browser.session
    asked = await question(browser, "/account/step-up", "/account/step-up/passkey")
    right = await browser.send(
        "/account/step-up", "/account/step-up/passkey", credential=device.answer(asked), next="/account/tokens/new"
    )
    assert right.headers["location"] == "/account/tokens/new" and browser.session != before
    assert (await browser.client.get("/account/tokens/new")).status_code == 200


Fault = Callable[[Authenticator, dict[str, Any]], str]
FAULTS: dict[str, Fault] = {
    "from another site": lambda device, asked: device.answer(asked, origin="https://evil.example"),
    "nobody was verified": lambda device, asked: device.answer(asked, verified=False),
    "in another's name": lambda device, asked: device.answer(asked, handle=b"somebody-else"),
    "another challenge": lambda device, asked: device.answer({"challenge": "AAAAAAAAAAAAAAAAAAAAAA"}),
    "an unknown passkey": lambda device, asked: Authenticator(ORIGIN, SITE).answer(asked),
    "a signature of another key": lambda device, asked: _with_id(Authenticator(ORIGIN, SITE), device).answer(asked),
    "another relying party": lambda device, asked: _with_site(device, "evil.example").answer(asked),
    "an answer to enrolment": lambda device, asked: _with_id(Authenticator(ORIGIN, SITE), device).make(
        asked | {"user": {"id": ""}}
    ),
    "no JSON": lambda device, asked: "{",
    "nothing": lambda device, asked: "",
}


def _with_id(stranger: Authenticator, device: Authenticator) -> Authenticator:
    stranger.id, stranger.handle = device.id, device.handle
    return stranger


def _with_site(device: Authenticator, site: str) -> Authenticator:
    device.site = site
    return device


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_no_other_answer_signs_in_and_each_uses_up_its_question(
    open_browser: Open, republic: Republic, fault: Fault
) -> None:
    first, second = open_browser(), open_browser()
    device = await enrol(first)
    asked = await question(second, "/sign-in", "/sign-in/passkey")
    answer = await second.send("/sign-in", "/sign-in/passkey", credential=fault(device, asked))
    assert (answer.status_code, second.session) == (422, None)
    device.site = SITE
    assert (await sign_in(second, device)).status_code == 303  # the passkey itself is none the worse


async def test_an_answer_is_taken_once_in_time_and_in_the_browser_that_asked(
    open_browser: Open, republic: Republic, owner: asyncpg.Connection
) -> None:
    first, second, third = open_browser(), open_browser(), open_browser()
    device = await enrol(first)
    asked = await question(second, "/sign-in", "/sign-in/passkey")
    stolen = device.answer(asked)
    assert (await third.send("/sign-in", "/sign-in/passkey", credential=stolen)).status_code == 422
    assert (await second.send("/sign-in", "/sign-in/passkey", credential=stolen)).status_code == 303
    second.client.cookies.delete("session")
    assert (await second.send("/sign-in", "/sign-in/passkey", credential=stolen)).status_code == 422
    late = await question(third, "/sign-in", "/sign-in/passkey")
    await owner.execute("UPDATE passkey_challenge SET expires_at = clock_timestamp()")
    assert (await third.send("/sign-in", "/sign-in/passkey", credential=device.answer(late))).status_code == 422
    assert not third.session


async def test_a_question_of_one_kind_is_no_question_of_another(open_browser: Open, republic: Republic) -> None:
    browser = open_browser()
    device = await enrol(browser)
    asked = await question(browser, "/account/step-up", "/account/step-up/passkey")
    answer = await browser.send("/account", "/sign-in/passkey", credential=device.answer(asked))
    assert answer.status_code == 422 and "older than five minutes" in answer.text


async def test_a_copy_is_refused_told_to_its_owner_and_neither_is_believed_any_more(
    open_browser: Open, republic: Republic, database: Database, letters: Letters
) -> None:
    first, second = open_browser(), open_browser()
    device = await enrol(first)
    assert (await sign_in(second, device)).status_code == 303
    device.counter -= 1  # as a copy would count that was made before
    second.client.cookies.delete("session")
    refused = await sign_in(second, device)
    assert refused.status_code == 422 and "may have been copied" in refused.text and not second.session
    assert (await facts(database))[-1] == "PasskeySuspected"
    told = await letters()
    assert "A passkey of yours is not accepted any more" in {letter.subject for letter in told if letter.to == INES}
    device.counter += 10
    assert (await sign_in(second, device)).status_code == 422
    assert "Perhaps copied" in (await first.get("/account")).text


async def test_one_that_never_counts_is_fine(open_browser: Open, republic: Republic) -> None:
    first, second = open_browser(), open_browser()
    device = await enrol(first)
    device.counts = False
    for _ in range(2):
        assert (await sign_in(second, device)).status_code == 303
        second.client.cookies.delete("session")


async def test_a_credential_is_enrolled_once_verified_and_after_a_fresh_proof(
    open_browser: Open, republic: Republic, owner: asyncpg.Connection
) -> None:
    first, second = open_browser(), open_browser()
    device = await enrol(first)
    await second.sign_in("tom@marrow.example")
    new = "/account/passkeys/new"
    for faulty, faults in ((device, {}), (Authenticator(ORIGIN, SITE), {"verified": False}),
                           (Authenticator(ORIGIN, SITE), {"origin": "https://evil.example"})):  # fmt: skip
        asked = await question(second, new, "/account/passkeys")
        made = faulty.make(asked, **faults)
        answer = await second.send(new, "/account/passkeys", credential=made, label="theirs")
        assert answer.status_code == 422
    await owner.execute("UPDATE web_session SET stepped_up_at = stepped_up_at - interval '6 minutes'")
    assert (await second.client.get(new)).headers["location"] == f"/account/step-up?next={new}"
    assert (await second.send("/account", "/account/passkeys/question")).status_code == 303
    assert await owner.fetchval("SELECT count(*) FROM passkey") == 1


async def test_nobody_removes_somebody_elses(open_browser: Open, republic: Republic, owner: asyncpg.Connection) -> None:
    first, second = open_browser(), open_browser()
    await enrol(first)
    await second.sign_in("tom@marrow.example")
    passkey = await owner.fetchval("SELECT id FROM passkey")
    assert (await second.send("/account", f"/account/passkeys/{passkey}/remove")).status_code == 404
    assert await owner.fetchval("SELECT count(*) FROM passkey") == 1


async def test_the_last_proof_stays_while_a_role_needs_one(
    open_browser: Open, republic: Republic, owner: asyncpg.Connection
) -> None:
    officer, bidder = open_browser(), open_browser()
    for browser, email in ((officer, OLGA), (bidder, INES)):
        await enrol(browser, email, "first")
        await enrol(browser, email, "second")
    for browser, person, last in ((officer, republic.olga, 409), (bidder, republic.ines, 303)):
        first, second = [row["id"] for row in await owner.fetch("SELECT id FROM passkey WHERE person = $1", person)]
        assert (await browser.send("/account", f"/account/passkeys/{first}/remove")).status_code == 303
        assert (await browser.send("/account", f"/account/passkeys/{second}/remove")).status_code == last
    assert await owner.fetchval("SELECT count(*) FROM passkey") == 1
    assert await owner.fetchval("SELECT count(*) FROM recovery_code WHERE person = $1", republic.ines) == 0


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://[::1]:8000", "http://buy.example"])
def test_browsers_keep_none_for_a_bare_address_or_without_https(address: str) -> None:
    assert relying_party(address) is None


async def test_what_a_page_says_without_scripts(open_browser: Open, republic: Republic) -> None:
    browser = open_browser()
    page = (await browser.get("/sign-in")).text
    assert 'data-passkey="get"' in page and "Passkeys need scripts" in page
    await browser.sign_in(INES, PASSWORD)
    assert "set up an authenticator app instead" in (await browser.get("/account/passkeys/new")).text


async def test_where_passkeys_are_demanded_a_code_is_not_enough_for_who_buys(
    settings: Settings, republic: Republic, serve: "Serve"
) -> None:
    async with serve(msgspec.structs.replace(settings, staff_proof="passkey")) as client:
        officer = Browser(client)
        await officer.sign_in(OLGA)
        await officer.prove_more()
        assert (await client.get("/organisation")).headers["location"] == "/account/protect?next=/organisation"
        page = (await officer.get("/account/protect")).text
        assert "Add a passkey" in page and "Enter a code" not in page
        await enrol(officer)
        assert (await client.get("/organisation")).status_code == 200
