"""Races of a submission against a later deadline, across the deadline itself."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import httpx
import msgspec
from hearing import CREATED, Receipt
from rushing import Bidder, gather
from scene import Scene
from sending import ask

from procurement.client import Client, Problem
from procurement.kernel.sealing import ReceiptBody
from procurement.tour.cast import APPROVER, OFFICER

T = TypeVar("T")
BIDDERS = 16  # for each tender
AHEAD = 4  # times of an approval, from when the clock is moved until the deadline
LATER = timedelta(seconds=30)
REASON = "The specification was hard to reach this morning."


class Run(msgspec.Struct):
    """One race: what the approver and the bidder were told, and the deadlines around it."""

    before: datetime
    after: datetime
    extended: bool
    answer: httpx.Response

    @property
    def code(self) -> str:
        return "" if self.answer.status_code == CREATED else self.answer.json()["type"].removeprefix("/problems/")


class Races:
    """Everybody's part is played over HTTP. `takes` are the seconds that an approval took lately."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.takes = scene, 0.1
        self.bidders: list[Bidder] = []
        self.versions: dict[str, int] = {}
        self.kept: list[tuple[bytes, httpx.Response]] = []
        self.http = httpx.Client(base_url=scene.address, timeout=30)

    async def enter(self) -> None:
        """Bidders for the tender that is looked at now."""
        self.bidders = await gather(self.scene.owner, self.scene.up.data, self.scene.tender, BIDDERS)
        self.versions = dict.fromkeys((one.supplier for one in self.bidders), 0)

    async def run(self) -> Run:
        """Both go off at a random moment around the deadline, without knowing of each other."""
        deadline, revision = await self.scene.standing()
        self.scene.tour.program(OFFICER).tenders.extend(self.scene.tender, deadline + LATER, REASON)
        approver, bidder = self.scene.tour.program(APPROVER), random.choice(self.bidders)
        version = self.versions[bidder.supplier] + 1
        key = f"race-{bidder.supplier}-{version}"
        request = bidder.request(self.scene.path, key=key, version=version, client=key, revision=revision)
        moment = await self.scene.deadline_in(timedelta(seconds=AHEAD * self.takes))
        with ThreadPoolExecutor(2) as both:
            told = both.submit(self._at, moment, -3.5, 0.3, partial(ask, self.http, request))
            moved = both.submit(self._at, moment, -3.0, -0.6, partial(self._approved, approver))
        after, _ = await self.scene.standing()
        if told.result().status_code == CREATED:
            self.versions[bidder.supplier] = version
            self.kept.append((request, told.result()))
        return Run(deadline, after, moved.result(), told.result())

    def _at(self, moment: float, earliest: float, latest: float, act: Callable[[], T]) -> T:
        """Do it at a random moment around another, told in times of an approval."""
        time.sleep(max(0.0, moment + random.uniform(earliest, latest) * self.takes - time.time()))
        return act()

    def _approved(self, approver: Client) -> bool:
        """Whether the approver was in time to move the deadline."""
        began = time.monotonic()
        try:
            approver.tenders.approve_extension(self.scene.tender)
        except Problem as no:
            assert no.code == "tender-not-open", no
            return False
        finally:
            self.takes += (time.monotonic() - began - self.takes) / 4
        return True

    def bids_stand(self) -> None:
        """Each bidder's bid is the last one that was acknowledged."""
        for one in self.bidders:
            token = {"authorization": f"Bearer {one.token}"}
            stands = self.http.get(self.scene.path, headers=token).json()["submitted"]
            assert (stands["version"] if stands else 0) == self.versions[one.supplier]

    def receipts_stand(self) -> int:
        """Whoever repeats a submission, to whichever tender, gets the same bytes; returns how many those are."""
        for request, answer in self.kept:
            again = ask(self.http, request)
            assert (again.status_code, again.text) == (answer.status_code, answer.text)
        return len(self.kept)


def received(answer: httpx.Response) -> ReceiptBody:
    return msgspec.json.decode(answer.content, type=Receipt).receipt.receipt
