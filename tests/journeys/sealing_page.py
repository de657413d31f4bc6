"""The page on which bids are sealed on one's own device, as a person uses it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Download, Locator, Page, Route, expect

from procurement.kernel.canonical import canonical
from procurement.kernel.sealing import (
    Envelope,
    Manifest,
    SealedFile,
    check_blobs,
    parse_envelope,
    parse_kit,
    parse_manifest,
)
from procurement.kernel.sealing.age import decrypt
from procurement.kernel.sealing.reading import plain_bytes

PARTS = "**/bid/device/parts/*"
BRIDGE = "Repair of the bridge over the Sill"


class Sealing:
    """One supplier's browser."""

    def __init__(self, context: BrowserContext, name: str) -> None:
        self.context, self.earlier, self.arrived = context, set[str](), set[str]()
        self.page = self._fresh()
        self.page.goto("/sign-in")
        self.page.locator("button", has_text=name).first.click()
        expect(self.page).to_have_url(re.compile("/desk"))

    def _fresh(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(30_000)
        return page

    def stored(self) -> set[str]:
        """The parts that the service has stored since this bid was begun, by their hash. Sealing a part again gives
        another hash: what is sent twice is here twice."""
        return self._stored() - self.earlier

    def until_stored(self, count: int) -> set[str]:
        """Those, once there are so many."""
        for _ in range(300):
            if len(found := self.stored()) >= count:
                break
            self.page.wait_for_timeout(200)
        assert len(found) == count
        return found

    def _stored(self) -> set[str]:
        answer = self.page.request.get(f"{self.page.url.partition('/bid')[0]}/bid/device/parts")
        return {part["sha256"] for part in answer.json()["parts"]}

    def open(self, title: str = BRIDGE) -> None:
        """From the list of tenders to the page that seals."""
        self.page.goto("/tenders")
        self.page.get_by_role("link", name=re.compile(title)).first.click()
        self.page.goto(f"{self.page.url.rstrip('/')}/bid")
        self.page.get_by_role("link", name=re.compile("Seal on this device|Go on sealing")).click()
        expect(self.page.locator("#sealing")).to_be_visible()

    def begin(self, folder: Path) -> Path:
        """Begin, or begin again in another browser, and keep the recovery kit."""
        self.earlier = self._stored()
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name=re.compile("save (the|a|its) recovery kit")).click()
        expect(self.page.get_by_role("heading", name="Declarations")).to_be_visible()
        kept = folder / saved.value.suggested_filename
        saved.value.save_as(kept)
        return kept

    def answer(self, price: str) -> None:
        for box in self.page.locator("[name=confirmed]").all():
            box.check()
        for field in self.page.locator("[name^=price_]").all():
            field.fill(price)

    def add(self, *files: Path) -> None:
        self.page.get_by_label("Add documents").set_input_files(list(files))

    def row(self, name: str) -> Locator:
        return self.page.locator("[data-documents] > li", has_text=name)

    @property
    def going(self) -> Locator:
        """How the upload goes, as screen readers are told."""
        return self.page.locator("[data-going]")

    def close_and_come_back(self) -> None:
        """The tab is gone; the browser remembers what the page told it to."""
        address = self.page.url
        self.page.close()
        self.page = self._fresh()
        self.page.goto(address)
        expect(self.page.locator("#sealing")).to_be_visible()

    def on_the_way(self, handle: Callable[[Route], None]) -> None:
        """What happens to parts between browser and service."""
        self.context.route(PARTS, handle)

    def way_is_free(self) -> None:
        self.context.unroute(PARTS)

    def submit(self) -> Envelope:
        """The last press; the envelope that it sent."""
        return self._submit()[0]

    def submit_all(self, folder: Path) -> tuple[list[Path], list[Envelope]]:
        """The last press of a bid whose prices are apart: their kits, which are saved with it, and all envelopes."""
        saved: list[Download] = []
        self.page.on("download", lambda one: saved.append(one))
        envelopes = self._submit()
        kept = [folder / one.suggested_filename for one in saved]
        for one, place in zip(saved, kept, strict=True):
            one.save_as(place)
        return kept, envelopes

    def _submit(self) -> list[Envelope]:
        """All envelopes that were sent. Every part has arrived before."""
        self.arrived = self.stored()
        with self.page.expect_request("**/device/submit") as sent:
            self.page.get_by_role("button", name="Submit the sealed bid").click()
        expect(self.page.get_by_role("heading", name="Received in time")).to_be_visible()
        said = json.loads(sent.value.post_data or "")
        return [parse_envelope(canonical(one)) for one in (said["envelope"], *said.get("financial_lots", ()))]


def contents(data: Path, envelope: Envelope, kit: Path) -> dict[str, bytes]:
    """File name -> bytes of the bid as it lies in the service's store, opened with the bidder's own kit."""
    identity = identity_in(kit)
    files = manifest_of(data, envelope, identity).files
    return {file.name: b"".join(plain(data, envelope, identity, file)) for file in files}


def identity_in(kit: Path) -> str:
    return parse_kit(kit.read_bytes()).identity


def manifest_of(data: Path, envelope: Envelope, identity: str) -> Manifest:
    manifest = parse_manifest(decrypt(_part(data, envelope.blobs[0].sha256), identity))
    check_blobs(manifest, envelope.blobs)
    return manifest


def plain(data: Path, envelope: Envelope, identity: str, file: SealedFile) -> Iterator[bytes]:
    """The file's bytes, a part at a time."""
    return plain_bytes(file, (_part(data, part.sha256_cipher) for part in file.parts), identity)


def _part(data: Path, sha256: str) -> bytes:
    return (data / "files" / "sealed" / sha256[:2] / sha256).read_bytes()
