"""Many who ask and answer through the API at once, and what each of them was told."""

import random
import secrets
import time
from collections.abc import Callable, Iterator
from functools import partial

import msgspec
from calls import LASTING, Patient
from crowd import PATIENCE, Crowd
from killing import Counted, Flights
from traffic import ASKER, BIDDERS

from procurement.client import Client
from procurement.tour.acts import Tour
from procurement.tour.cast import OFFICER
from procurement.tour.story import OWN

SHARE = 10  # writers of one tender


class Writers(Crowd):
    """Each asks as a supplier and answers as the officer, without pause."""

    def __init__(self, url: str, many: int) -> None:
        super().__init__()
        self.url, self.many, self.flights = url, many, Flights()
        self.asked: dict[str, float] = {}  # question -> when its asker was told
        self.answered: dict[str, float] = {}  # question -> when its officer was told
        self.repeated = 0
        self._open: list[Client] = []

    def prepare(self) -> None:
        """Tenders to ask about, and everybody's token, before anything is killed."""
        tour = Tour(self.url, msgspec.convert(msgspec.to_builtins(OWN) | {"days": LASTING}, Patient))
        self._tenders = list[str]()
        for _ in range(-(-self.many // SHARE)):
            tour.draft()
            tour.submit_draft()
            tour.publish()
            self._tenders.append(tour.id)
        askers = (*BIDDERS, ASKER)
        self._tokens = [tour.program(name).calls.token for name in askers]
        self._officer = tour.program(OFFICER).calls.token
        tour.close()

    def work(self) -> Iterator[Callable[[], None]]:
        for number in range(self.many):
            yield partial(self._ask_and_answer, number, *self._clients(number))

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        for client in self._open:
            client.close()

    def _clients(self, number: int) -> list[Client]:
        """A supplier's program and an officer's."""
        tokens = (self._tokens[number % len(self._tokens)], self._officer)
        pair = [Client(self.url, one, patience=PATIENCE, timeout=20, transport=Counted(self.flights)) for one in tokens]
        self._open += pair
        return pair

    def _ask_and_answer(self, number: int, asker: Client, officer: Client) -> None:
        tender, key = self._tenders[number % len(self._tenders)], secrets.token_hex(8)
        words = f"May the work begin on day {key}?"
        question = asker.questions.ask(tender, words, key=key)
        self.asked[question] = time.monotonic()
        if random.random() < 0.1:
            assert asker.questions.ask(tender, words, key=key) == question, "asked again, it was another question"
            self.repeated += 1
        officer.questions.answer(tender, question, published=words, answer="On that day.")
        self.answered[question] = time.monotonic()
