"""A tender at seal level S2 on the whole service, as people use it: in a browser, and by the tool without scripts."""

import re
import subprocess
import sys
from pathlib import Path

import witnessed
from looking import overflows, violations
from playwright.sync_api import Browser, Page, expect
from sealing_page import Sealing

from procurement.holders.offline import lock
from procurement.kernel.sealing import Envelope
from procurement.tour.acts import DoubleTour

WORDS = "five words that belong nowhere"
SLOW = 60_000  # ms: a passphrase is stretched, and the machine may be busy


def seal_in_browser(browser: Browser, tour: DoubleTour, supplier: str, folder: Path) -> Envelope:
    """A bid of one document, submitted; the receipt names the level."""
    document = folder / "Method.txt"
    document.write_bytes(b"Our method.")
    with browser.new_context(base_url=tour.url, reduced_motion="reduce") as context:
        one = Sealing(context, supplier)
        one.page.goto(f"{tour.path}/bid")
        one.page.get_by_role("link", name="Seal on this device").click()
        one.begin(folder)
        one.answer("350.00")
        one.add(document)
        expect(one.row(document.name)).to_contain_text("Uploaded, not submitted", timeout=SLOW)
        one.page.get_by_role("button", name="Check and seal").click()
        expect(one.page.get_by_role("heading", name="Sealed, not submitted")).to_be_focused(timeout=SLOW)
        envelope = one.submit()
        expect(one.page.locator("main")).to_contain_text("(seal level S2)")
        return envelope


def give_in_browser(page: Page, tour: DoubleTour, holder: str, folder: Path) -> None:
    page.goto(f"{tour.url}/sign-in")
    page.locator("button", has_text=holder).first.click()
    expect(page).to_have_url(re.compile("/desk"))
    page.goto(f"{tour.url}{tour.path}/opening/shares")
    assert violations(page) == [] and not overflows(page)
    page.get_by_label("Your key file").set_input_files(_key_file(tour, holder, folder))
    page.get_by_label("Its passphrase").fill(WORDS)
    keys = tour.public.keys()
    page.get_by_text("Keys that you know from elsewhere").click()
    page.get_by_label("Key of the public record").fill(keys.checkpoints)
    page.get_by_label("Key of the key service").fill(keys.keyholder)
    page.get_by_label("Keys of witnesses").fill(witnessed.keys(witnessed.NEAR)[0])
    assert violations(page) == [] and not overflows(page)
    page.get_by_role("button", name="Give my shares").click()
    expect(page.get_by_text("Too few of the witnesses that you named")).to_be_visible(timeout=SLOW)
    page.get_by_label("Keys of witnesses").fill("")
    page.get_by_role("button", name="Give my shares").click()
    expect(page.get_by_role("heading", name=re.compile("You have given your shares|The bids are open"))).to_be_visible(
        timeout=SLOW
    )


def give_with_tool(tour: DoubleTour, holder: str, folder: Path) -> None:
    """Without scripts: the command that the page shows, with what the page saves and takes."""
    person, words, wanted = tour.person(holder), folder / "words", folder / "wanted.json"
    here = f"{tour.path}/opening/shares"
    shown = re.search(r"procurement (holder give) holder-key.age wanted-\S+\.json([^<]*)</code>", person.get(here).text)
    assert shown, "the page says how"
    words.write_text(WORDS)
    wanted.write_bytes(person.get(f"{here}/wanted.json").content)
    told = [*shown[1].split(), _key_file(tour, holder, folder), wanted, *shown[2].split(), "--passphrase-file", words]
    run = [sys.executable, "-m", "procurement", *told]
    done = subprocess.run(run, input="y\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    person.get(here)
    person.post(here, {"shares": done.stdout.strip()})


def _key_file(tour: DoubleTour, holder: str, folder: Path) -> Path:
    file = folder / f"{holder}.age"
    file.write_bytes(lock(tour.held[holder], WORDS))
    return file
