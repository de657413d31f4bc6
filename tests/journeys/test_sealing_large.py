"""One file of SEALED_LARGE MB, from the browser through the service and back: the long form, `make alike`."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sealing_page import Sealing, identity_in, manifest_of, plain
from whole_service import Up

SIZE = int(os.environ.get("SEALED_LARGE", "0")) * 1_000_000
STEP = 1 << 24
GROWTH = 128_000  # kB that the web process may need for it
HOURS = 2

pytestmark = [
    pytest.mark.skipif(not SIZE, reason="THE LONG FORM: set SEALED_LARGE, in MB, as `make alike` does"),
    pytest.mark.timeout(HOURS * 3600),
]


def random_file(path: Path) -> str:
    """SIZE random bytes; returns their SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for start in range(0, SIZE, STEP):
            piece = os.urandom(min(STEP, SIZE - start))
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def memory(whole: Up, what: str) -> int:
    """kB that the web process has now ("VmRSS"), or had at most ("VmHWM"); the largest, where there are several."""
    serving = [pid for pid, command in whole.family().items() if "procurement web" in command]
    lines = [line for pid in serving for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return max(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))


def hashed(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def test_a_very_large_file_is_sealed_sent_and_opened_byte_for_byte(
    browser: Browser, service: str, whole: Up, tmp_path: Path
) -> None:
    karl = Sealing(browser.new_context(base_url=service, reduced_motion="reduce"), "Karl Adler")
    karl.open()
    kit = karl.begin(tmp_path)
    offer = tmp_path / "offer.bin"
    digest = random_file(offer)
    before, began = memory(whole, "VmRSS"), time.monotonic()
    karl.answer("12.5")
    karl.add(offer)
    expect(karl.row("offer.bin")).to_contain_text("Uploaded, not submitted", timeout=HOURS * 3_600_000)
    seconds = time.monotonic() - began
    karl.page.get_by_role("button", name="Check and seal").click()
    expect(karl.page.get_by_text("This page has opened the sealed bid again")).to_be_visible(timeout=60_000)
    envelope = karl.submit()
    grown = memory(whole, "VmHWM") - before
    print(
        f"{SIZE / 1e6:.0f} MB in {seconds:.0f} s, {SIZE / 1e6 / seconds:.1f} MB/s; the web process grew by {grown} kB"
    )
    identity = identity_in(kit)
    *_, file = manifest_of(whole.data, envelope, identity).files
    assert hashed(plain(whole.data, envelope, identity, file)) == digest
    assert grown < GROWTH
