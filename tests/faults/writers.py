"""Many who ask and answer through the API at once, and what each of them was told."""

import random
import secrets
import threading
import time

import msgspec
from killing import Counted, Flights
from traffic import ASKER, BIDDERS, Patient

from procurement.client import Client
from procurement.tour.acts import Tour
from procurement.tour.cast import OFFICER
from procurement.tour.story import OWN

PATIENCE = 120.0  # seconds within which everybody must be told
SHARE = 10  # writers of one tender


class Writers:
    """`with writers:` everybody goes on until its end, and finishes what is begun."""

    def __init__(self, url: str, many: int) -> None:
        self.url, self.many, self.flights = url, many, Flights()
        self.asked: dict[str, float] = {}  # question -> when its asker was told
        self.answered: dict[str, float] = {}  # question -> when its officer was told
        self.repeated = 0
        self.failures: list[BaseException] = []
        self._enough, self._threads = threading.Event(), list[threading.Thread]()

    def prepare(self) -> None:
        """Tenders to ask about, and everybody's token, before anything is killed."""
        tour = Tour(self.url, msgspec.convert(msgspec.to_builtins(OWN), Patient))
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

    def __enter__(self) -> "Writers":
        self._threads = [
            threading.Thread(target=self._write, args=(number,), daemon=True) for number in range(self.many)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), "somebody was never told"

    def last_words(self) -> str:
        """One more question with its answer, when everything runs again; returns its id."""
        asker, officer = self._clients(0)
        with asker, officer:
            return self._ask_and_answer(0, asker, officer)

    def _clients(self, number: int) -> tuple[Client, Client]:
        tokens = (self._tokens[number % len(self._tokens)], self._officer)
        asker, officer = (
            Client(self.url, token, patience=PATIENCE, timeout=20, transport=Counted(self.flights)) for token in tokens
        )
        return asker, officer

    def _write(self, number: int) -> None:
        asker, officer = self._clients(number)
        with asker, officer:
            try:
                while not self._enough.is_set():
                    self._ask_and_answer(number, asker, officer)
            except BaseException as failure:  # a thread's failure is the test's
                self.failures.append(failure)

    def _ask_and_answer(self, number: int, asker: Client, officer: Client) -> str:
        tender, key = self._tenders[number % len(self._tenders)], secrets.token_hex(8)
        words = f"May the work begin on day {key}?"
        question = asker.questions.ask(tender, words, key=key)
        self.asked[question] = time.monotonic()
        if random.random() < 0.1:
            assert asker.questions.ask(tender, words, key=key) == question, "asked again, it was another question"
            self.repeated += 1
        officer.questions.answer(tender, question, published=words, answer="On that day.")
        self.answered[question] = time.monotonic()
        return question
