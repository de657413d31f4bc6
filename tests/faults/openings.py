"""Openings while processes are killed: each step is asked for again until somebody is told that it is done."""

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime

import httpx
from calls import Call, Host
from crowd import PATIENCE

from procurement.client import Client, Problem
from procurement.tour.cast import APPROVER, OFFICER
from procurement.tour.holding import OFFICES, QUORUM
from procurement.tour.people import Unexpected

REST = 0.2  # seconds between two tries
LONG = 2 * PATIENCE  # seconds for one step while its processes are killed one after the other


class Openings:
    """One after the other, in the order of their deadlines, each when it is let go. `at` names the step under way."""

    def __init__(self, host: Host, officer: Client, calls: list[Call], bidders: int) -> None:
        self.host, self.officer, self.bidders = host, officer, bidders
        self.waiting = [call for call in calls if call.opens]
        self.opened: list[Call] = []
        self.let_go, self.at = threading.Semaphore(0), ""

    def go_on(self) -> None:
        """Open the next tender as soon as somebody lets it go."""
        if not self.waiting or not self.let_go.acquire(timeout=REST):
            return time.sleep(REST)
        call = self.waiting[0]
        self._until(lambda: len(call.bidders) >= self.bidders)
        self._open(call)
        self.opened.append(self.waiting.pop(0))

    def _open(self, call: Call) -> None:
        """The legal clock passes the deadline while its bidders bid on; then two ask, and two of three holders give."""
        host, deadline = self.host, call.tender.deadline
        host.drafted = call.tender
        assert deadline
        self.at = "deadline"
        self._until(lambda: host.public.clock().legal > deadline, lambda: self._move_to(deadline))
        self.at = "asked"
        self._until(lambda: self._stands("requested_at"), lambda: self._ask(OFFICER, "request"))
        self.at = "confirmed"
        self._until(lambda: self._stands("confirmed_at"), lambda: self._ask(APPROVER, "confirm"))
        if call.level == "S2":
            self.at = "shared"
            for name in random.sample(list(host.held), QUORUM):
                self._until(lambda one=name: self._gave(one), lambda one=name: host._give(one))
        self.at = "shown"
        self._until(lambda: self._stands("shown_at"))
        self.at = ""

    def _move_to(self, moment: datetime) -> None:
        ahead = moment - self.officer.clock().legal
        self.officer.move_clock(int(ahead.total_seconds()) + 1)

    def _ask(self, name: str, way: str) -> None:
        self.host.afresh(name)
        self.host._ask_to_open(name, way)

    def _stands(self, moment: str) -> bool:
        """Whether everybody reads that this was done."""
        return self.host._standing()[moment] is not None

    def _gave(self, name: str) -> bool:
        standing = self.host._standing()
        gave = {one["office"] for one in standing["sharing"]["members"] if one["given_at"]}
        return OFFICES[name][0] in gave

    @staticmethod
    def _until(done: Callable[[], bool], act: Callable[[], object] = lambda: None) -> None:
        """Try to, until somebody says that it is done; what a kill ends is tried again."""
        until = time.monotonic() + LONG
        while True:
            try:
                if done():
                    return
                act()
            except (Unexpected, Problem, httpx.HTTPError) as no:
                assert time.monotonic() < until, f"still not done: {no}"
            assert time.monotonic() < until, "still not done"
            time.sleep(REST)
