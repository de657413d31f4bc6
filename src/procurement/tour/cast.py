"""Who plays, and what they share: the tender, the receipts, the clock."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from procurement.client import Client, Problem, Tender
from procurement.client.answers import Ranked
from procurement.kernel.sealing.holder_key import HolderKey
from procurement.tour.people import Person, Unexpected, Visitor, fictional
from procurement.tour.story import Story
from procurement.verifier import log as logs

T = TypeVar("T")
SOON = 15.0  # seconds within which what follows from a fact has to be seen
CODES = 100.0  # seconds to wait for an unused key code: three of them
OFFICER, APPROVER = "Ines Marsh", "Tomas Okafor"
EVALUATORS = ("Ruth Albrecht", "Dario Venn")
STRANGER = "Petra Holm"  # an officer of another buyer
REGISTERED = "Tour Joinery"


def eventually(check: Callable[[], T], within: float = SOON) -> T:
    """Try until it holds: what follows from a fact follows soon, not at once."""
    until = time.monotonic() + within
    while True:
        try:
            return check()
        except (Unexpected, Problem, logs.Broken):
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


class Cast:
    """The cast and what they have done so far."""

    def __init__(self, url: str, story: Story) -> None:
        self.url, self.story = url, story
        self.known = fictional(url)
        self.reader = Visitor(url)
        self.people: dict[str, Person] = {}
        self.drafted: Tender | None = None
        self.receipts: dict[str, bytes] = {}
        self.earlier = ""
        self.award = self.contract = self.document = self.charge = ""
        self.treasury = ""  # its account
        self.supplier = ""  # the organisation that registered on the way
        self.ranking: list[Ranked] = []
        self.held: dict[str, HolderKey] = {}  # at seal level S2, in the order of the roster

    def person(self, name: str) -> Person:
        """Somebody of the practice republic, signed in."""
        if name not in self.people:
            if name not in self.known:
                raise Unexpected(f"the practice republic has no {name}: a tour needs `procurement up --demo`")
            self.people[name] = Person(self.url, name)
            self.people[name].become(self.known[name])
        return self.people[name]

    def program(self, name: str) -> Client:
        """Somebody's own program, with a token that they made."""
        one = self.person(name)
        if not one.program.calls.token:
            one.make_token()
        return one.program

    def afresh(self, name: str) -> Person:
        """The same person, identified just now."""
        if name in self.known:
            self.people.pop(name, Visitor(self.url)).close()
        return self.person(name)

    def close(self) -> None:
        for one in (self.reader, *self.people.values()):
            one.close()

    @property
    def public(self) -> Client:
        """A program of nobody in particular."""
        return self.reader.program

    @property
    def tender(self) -> Tender:
        if self.drafted is None:
            raise Unexpected("nothing was drafted yet")
        return self.drafted

    @property
    def id(self) -> str:
        return self.tender.id

    @property
    def path(self) -> str:
        return f"/tenders/{self.id}"

    def _move_to(self, moment: datetime | None) -> None:
        """Legal time to just after `moment`, for everyone in the practice republic."""
        ahead = moment - self.public.clock().legal if moment else timedelta()
        if ahead > timedelta():
            self.program(OFFICER).move_clock(int(ahead.total_seconds()) + 1)


def refused(code: str, act: Callable[[], object]) -> str:
    """What the service says when it refuses, which it must, with that code."""
    try:
        done = act()
    except Problem as no:
        if no.code != code:
            raise
        return f"refused: {no.detail}"
    raise Unexpected(f"not refused, although {code}: {done}")
