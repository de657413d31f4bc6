"""Signing in as people do it: a letter, a passkey of Chromium's own authenticator, and a provider of others."""

import re
import time
from collections.abc import Iterator

import pytest
from looking import each_look, overflows, violations
from outside_provider import provider
from playwright.sync_api import Browser, Page, expect
from whole_service import Up

from procurement.infra.mail import Mailbox

ANNA = {"sub": "anna-1", "email": "anna@adler.example", "email_verified": True, "name": "Anna Adler"}
OURS = "http://localhost"
PASSWORD = "quiet lamp over gravel"
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """An empty installation at a name for which browsers keep passkeys, with a provider."""
    one = Up(tmp_path_factory.mktemp("signing-in") / "var")
    with provider(ANNA) as issuer, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BASE_URL", f"http://localhost:{one.port}")
        patch.setenv("OIDC_ISSUER", issuer)
        patch.setenv("OIDC_CLIENT_ID", "procurement")
        patch.setenv("OIDC_CLIENT_SECRET", "x")
        patch.setenv("OIDC_NAME", "Marrow ID")
        with one:
            one.until_ready()
            yield one


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A new visitor, for whom our pages complain of nothing; the provider's pages may."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    fresh, said = context.new_page(), list[str]()
    fresh.set_default_timeout(10_000)
    fresh.on(
        "console", lambda one: said.append(one.text) if one.type == "error" and OURS in one.location["url"] else None
    )
    fresh.on("pageerror", lambda error: said.append(str(error)))
    yield fresh
    context.close()
    assert said == [], f"the page complained: {said}"


def letter(up: Up, path: str) -> str:
    """The link in the newest letter."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for one in Mailbox(up.data / "mail").letters()[:1]:
            if found := re.search(rf"http://localhost:\d+({path}/[\w-]+)", one.text):
                return found[1]
        time.sleep(0.1)
    raise AssertionError("no letter came")


def register(page: Page, up: Up) -> None:
    page.goto(f"http://localhost:{up.port}/register")
    typed = {"Legal name": "Adler Strassenbau", "Your name": "Anna Adler",
             "E-mail address": "anna@adler.example", "Choose a password": PASSWORD}  # fmt: skip
    for label, text in typed.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Country").select_option("AT")
    page.get_by_role("button", name="Register and get the link").click()
    page.goto(f"http://localhost:{up.port}{letter(up, '/register')}")
    page.get_by_role("button", name="Finish and sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are registered")


def sign_out(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Sign out", exact=True).click()


def fits(page: Page) -> None:
    for look in each_look(page):
        assert not overflows(page), (page.url, look)
        assert violations(page) == [], (page.url, look)


def test_a_letter_a_passkey_and_a_provider(visitor: Page, up: Up) -> None:
    page = visitor
    here = f"http://localhost:{up.port}"
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    page.goto(f"{here}/sign-in")
    fits(page)
    register(page, up)

    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{here}/account/passkeys/new")
    fits(page)
    page.get_by_label("What do you call it?").fill("my phone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Keep these recovery codes")
    page.goto(f"{here}/account")
    expect(page.get_by_text("my phone")).to_be_visible()
    fits(page)
    page.goto(f"{here}/account/step-up")
    fits(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{here}/account")
    sign_out(page)

    page.goto(f"{here}/sign-in")  # Chromium's device answers by itself, as if chosen in the address field
    page.wait_for_url(f"{here}/desk")
    page.goto(f"{here}/account")
    expect(page.get_by_text("with a passkey")).to_be_visible()
    sign_out(page)

    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    by_provider(page, here)
    fits(page)
    page.get_by_role("link", name="Sign in to your account").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Link it").click()
    expect(page).to_have_url(f"{here}/account")
    sign_out(page)
    fits(page)
    by_provider(page, here)
    page.wait_for_url(f"{here}/desk")


def by_provider(page: Page, here: str) -> None:
    page.goto(f"{here}/sign-in")
    page.get_by_role("link", name="Sign in with Marrow ID").click()
    page.get_by_placeholder("sub").fill("anna-1")
    page.get_by_role("button", name="Authorize").first.click()


def test_without_scripts_the_page_says_what_to_do(browser: Browser, up: Up) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"http://localhost:{up.port}/sign-in")
        expect(page.get_by_text("Passkeys need scripts")).to_be_visible()
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
