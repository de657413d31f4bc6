"""Real requests without pause, and what each client was told. A request is repeated, with its key, until it is told."""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import takewhile

import httpx
from bidders import CANARY, Bidder
from calls import Call, Host, Submitted
from crowd import PATIENCE, Crowd
from killing import Counted, Flights
from openings import Openings

from procurement.client import Client, Problem
from procurement.tour.acts import Tour
from procurement.tour.cast import APPROVER, OFFICER
from procurement.tour.people import Unexpected
from procurement.tour.story import OWN
from procurement.verifier.log import Broken

BIDDERS = ("Vera Stone", "Joan Bright", "Alder Finch")
ASKER = "Piet Lamb"
PAGES = ("/", "/tenders?q=road", "/api/v1/notices", "/ledger/checkpoint")


class Traffic(Crowd):
    """Bidders at two seal levels, officers who extend deadlines and open, a supplier with questions, readers, tours."""

    def __init__(self, url: str, openings: int = 0) -> None:
        super().__init__()
        self.url, self.flights, self.host = url, Flights(), Host(url)
        self._asked_for = openings
        self.calls: list[Call] = []
        self.asked: dict[str, str] = {}  # id -> words
        self.answers: dict[str, str] = {}  # words -> answer
        self.checkpoints: list[str] = []
        self.tours: list[Tour] = []
        self.steps = 0  # of all tours
        self._open: list[Client] = []

    def prepare(self) -> None:
        """Tenders to bid for, and everybody's token, before anything is killed."""
        self.calls = list(self.host.calls(self._asked_for))
        self._tokens = {name: self.host.program(name).calls.token for name in (*BIDDERS, ASKER, OFFICER, APPROVER)}
        self.openings = Openings(self.host, self.client(OFFICER), self.calls, len(BIDDERS))

    @property
    def lasting(self) -> list[Call]:
        """Those that are not opened."""
        return [call for call in self.calls if not call.opens]

    @property
    def submissions(self) -> list[tuple[Call, Submitted]]:
        return [(call, one) for call in self.calls for one in list(call.submissions)]

    def work(self) -> list[Callable[[], None]]:
        bidders = [partial(Bidder(name, self.client(name)).act, self.calls) for name in BIDDERS]
        asking = partial(self._ask, self.client(ASKER), self.client(OFFICER))
        extending = partial(self._extend, self.client(OFFICER), self.client(APPROVER))
        reading = partial(self._read, self.client())
        return [*bidders, asking, extending, reading, self._tour, *([self.openings.go_on] if self._asked_for else [])]

    def client(self, who: str = "") -> Client:
        """A program of theirs, of nobody's without a name, whose requests are counted."""
        token = self._tokens[who] if who else ""
        made = Client(self.url, token, patience=PATIENCE, timeout=20, transport=Counted(self.flights))
        self._open.append(made)
        return made

    def close(self) -> None:
        for client in self._open:
            client.close()
        self.host.close()

    def _ask(self, asker: Client, officer: Client) -> None:
        """A supplier asks, an officer answers."""
        words, answer = f"May the work begin on day {secrets.token_hex(6)}?", f"On day {secrets.token_hex(6)}."
        tender = self.lasting[0].tender.id
        question = asker.questions.ask(tender, words)
        self.asked[question] = words
        officer.questions.answer(tender, question, published=words, answer=answer)
        self.answers[words] = answer

    def _extend(self, officer: Client, approver: Client) -> None:
        """An hour more to bid, by two people."""
        for call in self.lasting:
            before = officer.tenders.read(call.tender.id).deadline
            assert before
            officer.tenders.extend(call.tender.id, before + timedelta(hours=1), "More bidders asked for time.")
            after = approver.tenders.approve_extension(call.tender.id).deadline
            assert after == before + timedelta(hours=1)
            call.deadlines.append(after)
        time.sleep(1)

    def _read(self, reader: Client) -> None:
        paths = [f"{prefix}/tenders/{call.tender.id}{more}" for call in self.lasting
                 for prefix, more in (("", ""), ("/api/v1", "/opening"))]  # fmt: skip
        for path in (*PAGES, *paths):
            text = reader.fetch(path).decode()
            assert CANARY not in text, f"{path} shows a bid before its opening"
            assert not path.endswith("/opening") or '"read_out":[]' in text, f"{path} tells of bids before the opening"
            if path == "/ledger/checkpoint":
                self.checkpoints.append(text)

    def _tour(self) -> None:
        """The main job up to the deadline, from the start again when a kill ends it; what it was told is kept."""
        tour = None
        try:
            tour = Tour(self.url, OWN)
            self.tours.append(tour)
            for _what, act in takewhile(lambda step: "deadline" not in step[0], tour.steps()):
                act()
                self.steps += 1
                if self.enough.is_set():
                    break
        except (Unexpected, Problem, Broken, httpx.HTTPError):
            time.sleep(0.2)
        finally:
            if tour:
                tour.close()
