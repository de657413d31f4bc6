"""Tenders that take bids while everything is killed, and what their bidders were told of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from procurement.client import NewTender, Tender
from procurement.client.sealing import SealedBid
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.sealing import SignedReceipt, envelope_bytes
from procurement.tour.acts import DoubleTour
from procurement.tour.story import OWN, Story

LASTING = 690  # days; longer than all openings of a run move the clock, and no keyholder is bound beyond two years
APART = 20  # days between two deadlines that pass


class Patient(Story, kw_only=True):
    """The same purchase, with a deadline some days later."""

    days: int

    def draft(self, deadline: datetime) -> NewTender:
        return super().draft(deadline + timedelta(days=self.days))


class Submitted(msgspec.Struct, frozen=True):
    """A submission with the receipt that answered it."""

    who: str
    key: str
    sealed: SealedBid
    receipt: SignedReceipt

    @property
    def digest(self) -> str:
        return sha256_hex(envelope_bytes(self.sealed.envelope))


class Call:
    """`standing` holds what each bidder was told stands: of whoever withdrew, nothing. `over` are those who were told
    that they came too late; `deadlines` those that an officer was told of, in order."""

    def __init__(self, tender: Tender, level: str, *, opens: bool) -> None:
        self.tender, self.level, self.opens = tender, level, opens
        self.submissions: list[Submitted] = []
        self.standing: dict[str, Submitted] = {}
        self.withdrawn: list[Submitted] = []
        self.over: set[str] = set()
        self.deadlines: list[datetime] = []

    @property
    def bidders(self) -> set[str]:
        return {one.who for one in self.submissions}

    @property
    def digests(self) -> set[str]:
        """Of what has to be opened, and nothing else."""
        return {one.digest for one in self.standing.values()}


class Host(DoubleTour):
    """The buyer's people and the key holders, who call for bids at either level and open them."""

    def __init__(self, url: str) -> None:
        super().__init__(url, OWN)

    def calls(self, openings: int) -> Iterator[Call]:
        """One of each level whose deadline does not pass, then as many as are to be opened, at S2 and S1 in turn."""
        self.make_keys()
        for level in ("S1", "S2"):
            yield self._call(level, LASTING, opens=False)
        for number in range(openings):
            yield self._call("S1" if number % 2 else "S2", number * APART, opens=True)

    def _call(self, level: str, days: int, *, opens: bool) -> Call:
        fields: dict[str, Any] = msgspec.to_builtins(OWN)
        self.story = msgspec.convert(fields | {"days": days}, Patient)
        self.draft()
        if level == "S2":
            self.choose_holders()
        self.submit_draft()
        if level == "S2":
            self.sign_roster()
        self.publish()
        return Call(self.tender, level, opens=opens)
