"""`kill -9` while requests fly."""

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from whole_service import Up, eventually

from procurement.client import Problem

VICTIMS = {
    "database": "postgres",
    "web": "-m procurement web",
    "worker": "-m procurement worker",
    "keyholder": "-m procurement keyholder",
}
BACK = 60.0  # seconds within which what was killed runs again


class Flights:
    """Requests that were sent and not yet answered, and what became of the others; `problems` counts the codes of
    answers of 500 and above."""

    def __init__(self) -> None:
        self.now = self.answered = self.unanswered = 0
        self.problems: Counter[str] = Counter()
        self._counting = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[None]:
        with self._counting:
            self.now += 1
        try:
            yield
        finally:
            with self._counting:
                self.now -= 1

    def ended(self, *, told: bool) -> None:
        with self._counting:
            self.answered += told
            self.unanswered += not told


class Counted(httpx.HTTPTransport):
    """What a client sends, counted: an answer of 500 and above tells nothing."""

    def __init__(self, flights: Flights) -> None:
        super().__init__()
        self.flights = flights

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        told = False
        try:
            with self.flights.one():
                answer = super().handle_request(request)
                told = answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                if not told:
                    answer.read()
                    self.flights.problems[Problem.of(answer).code] += 1
                return answer
        finally:
            self.flights.ended(told=told)


def kill(up: Up, name: str, flights: Flights) -> int:
    """Kill one process of that name while requests fly; returns how many did, once all runs again."""

    def alive() -> set[int]:
        return {pid for pid, command in up.family().items() if VICTIMS[name] in command}

    before = alive()
    victim = random.choice(sorted(before))
    eventually(lambda: flights.now > 0, 30)
    flying = flights.now
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: bool(alive() - before), BACK)
    eventually(up.is_ready, BACK)
    return flying
