"""Real requests without pause, and what each client was told. A request is repeated, with its key, until it is told."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import msgspec
from crowd import PATIENCE, Crowd
from killing import Flights

from procurement.client import Attached, NewTender, Problem
from procurement.client.sealing import Asked, Line, seal_bid
from procurement.tour.acts import Tour
from procurement.tour.cast import OFFICER
from procurement.tour.people import Unexpected
from procurement.tour.story import OWN, Story
from procurement.verifier.log import Broken

BIDDERS = ("Vera Stone", "Joan Bright", "Alder Finch")
ASKER = "Piet Lamb"
PAGES = ("/", "/tenders?q=road", "/api/v1/notices", "/ledger/checkpoint")


class Patient(Story):
    """A tender that takes bids for years: tours move the clock on."""

    def draft(self, deadline: datetime) -> NewTender:
        return super().draft(deadline + timedelta(days=3000))


class Told(msgspec.Struct, frozen=True):
    """A submission with the receipt that answered it."""

    who: str
    key: str
    offer: dict[str, Any]
    receipt: dict[str, Any]


class Traffic(Crowd):
    """Bidders, a supplier with questions, readers, and the whole tour."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.flights = url, Flights()
        self.call = Tour(url, msgspec.convert(msgspec.to_builtins(OWN), Patient))
        self.submissions: list[Told] = []
        self.asked: dict[str, str] = {}  # id -> words
        self.answers: dict[str, str] = {}  # words -> answer
        self.checkpoints: list[str] = []
        self.tours: list[Tour] = []
        self.steps = 0  # of all tours

    def prepare(self) -> None:
        """A tender to bid for, and everybody's token, before anything is killed."""
        self.call.draft()
        self.call.submit_draft()
        self.call.publish()
        for name in (*BIDDERS, ASKER):
            self.call.program(name)

    def work(self) -> list[Callable[[], None]]:
        return [*(partial(self._bid, name) for name in BIDDERS), self._ask, self._read, self._read, self._tour]

    def send(self, who: str, method: str, path: str, body: Any = None, key: str = "", **more: Any) -> httpx.Response:
        """Ask, as often as it takes, until the service says something that is not "try again"."""
        headers = {"authorization": f"Bearer {self.call.program(who).calls.token}"} if who else {}
        headers |= {"idempotency-key": key} if key else {}
        if body is not None:
            more["content"], headers["content-type"] = msgspec.json.encode(body), "application/json"
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self.flights.one():
                    answer = httpx.request(method, self.url + path, headers=headers, timeout=20, **more)
                if answer.status_code < 500 and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    self.flights.ended(told=True)
                    return answer
            except httpx.TransportError:
                pass
            self.flights.ended(told=False)
            assert time.monotonic() < until, f"{method} {path} was never answered"
            time.sleep(0.1)

    def _bid(self, who: str) -> None:
        """Replace one's bid by a new one."""
        bid = f"/api/v1{self.call.path}/bid"
        told = self.send(who, "GET", bid).json()
        items = self.call.tender.items
        lines = tuple(Line(item.id, item.lot, item.quantity) for item in items)
        asked = Asked(
            told["tender"], told["revision"], told["recipient"], told["supplier"], told["next_version"], "EUR", lines
        )
        sealed = seal_bid(asked, {item.id: "12.50" for item in items}, [Attached("a.txt", "text/plain", b"How.")])
        for part in sealed.parts:
            answer = self.send(who, "PUT", f"{bid}/parts/{part.blob.sha256}", content=part.data)
            assert answer.status_code == 200, answer.text
        key, offer = secrets.token_hex(8), {"envelope": msgspec.to_builtins(sealed.envelope), "version": sealed.version}
        answer = self.send(who, "POST", bid, offer, key)
        assert answer.is_success, answer.text
        self.submissions.append(Told(who, key, offer, answer.json()["receipt"]))

    def _ask(self) -> None:
        """A supplier asks, an officer answers."""
        words, answer = f"May the work begin on day {secrets.token_hex(6)}?", f"On day {secrets.token_hex(6)}."
        path = f"/api/v1{self.call.path}/questions"
        told = self.send(ASKER, "POST", path, {"text": words}, secrets.token_hex(8))
        assert told.is_success, told.text
        question = told.json()["id"]
        self.asked[question] = words
        said = {"question": words, "answer": answer}
        told = self.send(OFFICER, "POST", f"{path}/{question}/answer", said, secrets.token_hex(8))
        assert told.is_success, told.text
        self.answers[words] = answer

    def _read(self) -> None:
        for path in (*PAGES, self.call.path):
            answer = self.send("", "GET", path)
            assert answer.status_code == 200, answer.text
            if path == "/ledger/checkpoint":
                self.checkpoints.append(answer.text)

    def _tour(self) -> None:
        """The main job, from the start again when a kill ends it; what it was told by then is kept."""
        tour = None
        try:
            tour = Tour(self.url, OWN)
            self.tours.append(tour)
            for _what, act in tour.steps():
                act()
                self.steps += 1
                if self.enough.is_set():
                    break
        except (Unexpected, Problem, Broken, httpx.HTTPError):
            time.sleep(0.2)
        finally:
            if tour:
                tour.close()
