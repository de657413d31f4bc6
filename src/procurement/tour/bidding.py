"""Sealed bids: made on pages and by programs, replaced, withdrawn, late, opened."""

import re
import secrets
from decimal import Decimal
from functools import partial

import msgspec

from procurement.client import Attached
from procurement.kernel.checkpoint import VerifierKey
from procurement.tour.cast import APPROVER, CODES, OFFICER, REGISTERED, Cast, eventually, refused
from procurement.tour.people import Unexpected
from procurement.verifier import receipt as receipts


class Bidding(Cast):
    def bid_by_pages(self) -> str:
        one, bid = self.people[REGISTERED], f"{self.path}/bid"
        one.get(bid)
        one.post(f"{bid}/start")
        one.get(f"{bid}/declarations")
        ticks = re.findall(r'name="confirmed"[^>]*value="([^"]+)"', one.page)
        one.post(f"{bid}/declarations", {"confirmed": ticks})
        one.get(f"{bid}/prices")
        one.post(f"{bid}/prices", {name: self._price("0.93") for name in _price_fields(one.page)})
        one.get(f"{bid}/documents")
        one.post(
            f"{bid}/documents",
            {"confidential": ""},
            file=("Method.txt", b"We begin on the first of May.", "text/plain"),
        )
        one.get(f"{bid}/check")
        page = one.post(f"{bid}/submit")
        receipt = str(page.url.path)
        self.receipts[REGISTERED] = one.get(f"{receipt}/receipt.json").content
        return self._checked(REGISTERED)

    def bid_by_program(self, name: str, factor: str) -> str:
        bids, key = self.program(name).bids, secrets.token_hex(8)
        method = Attached("Method.txt", "text/plain", b"Our method.")
        sealed = bids.seal(self.tender, self._prices(factor), [method])
        first = bids.submit(self.id, sealed, key=key)
        if bids.submit(self.id, sealed, key=key) != first:
            raise Unexpected("the same request got another receipt")
        self.receipts[name] = msgspec.json.encode(first.receipt)
        return self._checked(name)

    def withdraw(self) -> str:
        self.program("Vesna Dole").bids.withdraw(self.id)
        for path in (f"/api/v1{self.path}/opening", f"/api/v1{self.path}"):
            if "bids" in self.reader.json(path):
                raise Unexpected(f"{path} tells of bids before the opening")
        return "nothing public tells who bids, or how many"

    def late(self) -> str:
        bids = self.program("Vesna Dole").bids
        sealed = bids.seal(self.tender, self._prices("0.50"))
        bids.upload(self.id, sealed)
        self._move_to(self.tender.deadline)
        return refused("bid-late", lambda: bids.submit(self.id, sealed, uploaded=True))

    def open(self) -> str:
        """Two people ask; then the worker releases, decrypts and shows."""
        self.ask_both()
        return self.read_out()

    def ask_both(self) -> None:
        """Each with a key code of their own."""
        self._move_to(self.tender.opening_at)
        for name, way in ((OFFICER, "request"), (APPROVER, "confirm")):
            self.afresh(name)
            eventually(partial(self._ask_to_open, name, way), CODES)

    def read_out(self) -> str:
        state = eventually(self.shown, CODES)
        self.reader.reads(f"{self.path}/opening", "Adler Strassenbau", REGISTERED)
        return f"{state}; a reader sees two bidders and their totals"

    def _ask_to_open(self, name: str, way: str) -> str:
        one = self.person(name)
        shown = one.get(f"{self.path}/opening").text
        code = re.search(r"code now is.*?<bdi>(\d{6})</bdi>", shown, flags=re.S)
        one.post(f"{self.path}/opening/{way}", {"code": code[1] if code else ""})
        return name

    def shown(self) -> str:
        opening = self.public.opening.state(self.id)
        if opening.state != "shown":
            raise Unexpected(f"the opening is {opening.state}")
        return f"shown at {opening.shown_at}"

    def _price(self, factor: str) -> str:
        """A unit price with which a bid costs about the estimate times `factor`."""
        quantities = sum(item.quantity for item in self.tender.items)
        return f"{Decimal(self.story.value) * Decimal(factor) / quantities:.2f}"

    def _prices(self, factor: str) -> dict[str, str]:
        return {item.id: self._price(factor) for item in self.tender.items}

    def _checked(self, who: str) -> str:
        """Anyone with the file can check the receipt, without asking us anything but the key."""
        key = VerifierKey.parse(self.public.keys().receipts)
        signed, _ = receipts.verify(self.receipts[who], key)
        return f"receipt of {signed.receipt.received_at[11:]}, signature verified"


def _price_fields(page: str) -> list[str]:
    """The names of the price inputs of the price schedule."""
    return [name for name in re.findall(r'<input[^>]*name="([^"]+)"', page) if name != "_token"]
