"""Two key holders of one tender: one works in the browser, the other with the offline tool and no scripts."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from looking import each_look, overflows, violations
from playwright.sync_api import Browser, Page, expect

from procurement.holders.offline import public_half, signature, unlock
from procurement.kernel.ids import new_id
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.possession import answer_challenge

if TYPE_CHECKING:
    from conftest import As

WORDS = "five words that belong nowhere"
SLOW = 60_000  # ms: a passphrase is stretched, and the machine may be busy


def confirm_identity(page: Page) -> None:
    """The question that comes before keys are made, confirmed or ended."""
    if "/account/step-up" in page.url:
        page.get_by_role("button", name="Confirm").click()


def looks_well(page: Page) -> None:
    for look in each_look(page):
        assert violations(page) == [], look
        assert not overflows(page), look


def make_in_browser(page: Page, folder: Path) -> Path:
    """Milan makes his key; the file that his browser saves."""
    page.goto("/key-holder")
    page.get_by_role("link", name="Make your key").click()
    confirm_identity(page)
    looks_well(page)
    page.get_by_label("Your office").fill("City clerk")
    page.get_by_label("Choose a passphrase").fill("short")
    page.get_by_role("button", name="Make the key and save its file").click()
    expect(page.get_by_text("needs at least 16 characters")).to_be_visible()
    page.get_by_label("Choose a passphrase").fill(WORDS)
    page.get_by_label("The same passphrase again").fill(WORDS)
    with page.expect_download(timeout=SLOW) as saved:
        page.get_by_role("button", name="Make the key and save its file").click()
    file = folder / saved.value.suggested_filename
    saved.value.save_as(file)
    page.get_by_role("button", name="Go on").click()
    return file


def use_in_browser(page: Page, file: Path, passphrase: str, button: str) -> None:
    page.get_by_label("Your key file").set_input_files(file)
    page.get_by_label("Its passphrase").fill(passphrase)
    page.get_by_role("button", name=button).click()


def without_scripts(browser: Browser, signed_in: Page) -> Page:
    """The same person in a browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(signed_in.url)
    return page


def enrol_with_tool(page: Page, service: str) -> HolderKey:
    """Sara pastes what her tool prints."""
    key = new_holder_key(new_id())
    page.goto(f"{service}/key-holder/new")
    confirm_identity(page)
    page.get_by_label("Your office").fill("Head of internal audit")
    page.get_by_label("Public half of the key").fill(msgspec.json.encode(public_half(key)).decode())
    page.get_by_role("button", name="Give the public half").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the challenge").click()
    page.get_by_label("Answer").fill(answer_challenge(saved.value.path().read_bytes(), key.identity, key.holder))
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("heading", name="Your key works")).to_be_visible()
    return key


def confirm_key(walter: Page, office: str, read_out: str) -> None:
    walter.goto("/organisation/key-holders")
    walter.get_by_role("link", name=office).click()
    walter.get_by_label("Fingerprint").fill(read_out)
    walter.get_by_role("button", name="Confirm the key").click()
    if "/account/step-up" in walter.url:
        confirm_identity(walter)
        walter.get_by_label("Fingerprint").fill(read_out)
        walter.get_by_role("button", name="Confirm the key").click()
    expect(walter.get_by_text("may choose this holder")).to_be_visible()


def choose(hana: Page) -> str:
    """The officer asks two holders for the draft; its id."""
    hana.goto("/desk")
    draft = hana.locator('a[href$="/draft"]', has_text="Electric patient transport").first.get_attribute("href") or ""
    tender = draft.split("/")[2]
    hana.goto(f"/tenders/{tender}/draft/seal")
    hana.get_by_label("S2: with key holders").check()
    for office in ("City clerk", "Head of internal audit"):
        hana.get_by_label(re.compile(office)).check()
    hana.get_by_role("button", name="Save and ask the holders to sign").click()
    expect(hana.get_by_text("City clerk has to sign the roster")).to_be_visible()
    looks_well(hana)
    return tender


def test_keys_are_made_on_devices_compared_by_telephone_and_sign_the_list_of_a_tender(
    as_: "As", browser: Browser, service: str, tmp_path: Path
) -> None:
    milan, walter, hana = as_("Milan Korr"), as_("Walter Brook"), as_("Hana Weld")
    file = make_in_browser(milan, tmp_path)
    looks_well(milan)
    use_in_browser(milan, file, "another passphrase", "Prove it")
    expect(milan.get_by_text("the passphrase is another one")).to_be_visible(timeout=SLOW)
    use_in_browser(milan, file, WORDS, "Prove it")
    expect(milan.get_by_role("heading", name="Your key works")).to_be_visible(timeout=SLOW)
    sara = without_scripts(browser, as_("Sara Lindqvist"))
    key = enrol_with_tool(sara, service)
    confirm_key(walter, "City clerk", file.stem.removeprefix("holder-key-"))
    looks_well(walter)
    shown = sara.locator("p.mono").inner_text()
    confirm_key(walter, "Head of internal audit", shown)
    tender = choose(hana)
    milan.goto(f"/key-holder/rosters/{tender}")
    looks_well(milan)
    use_in_browser(milan, file, WORDS, "Sign the list")
    expect(milan.get_by_role("heading", name="You have signed this list")).to_be_visible(timeout=SLOW)
    sara.goto(f"{service}/key-holder/rosters/{tender}")
    with sara.expect_download() as saved:
        sara.get_by_role("link", name="Save the list").click()
    sara.get_by_label("Signature", exact=True).fill(signature(key, saved.value.path().read_bytes())[1])
    sara.get_by_role("button", name="Send the signature").click()
    expect(sara.get_by_role("heading", name="You have signed this list")).to_be_visible()
    sara.context.close()
    hana.goto(f"/tenders/{tender}/draft/seal")
    expect(hana.get_by_text("has to sign")).to_have_count(0)
    assert unlock(file.read_bytes(), WORDS).holder, "the tool opens what the browser saved"
