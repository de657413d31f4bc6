"""What a key holder and a roster are: frozen values that later stages read."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from procurement.kernel.sealing import roster as kernel

Level = Literal["S1", "S2", "S3"]
LEVELS: tuple[Level, ...] = ("S1", "S2", "S3")  # the strongest last


class State(StrEnum):
    """Where a key stands: made, shown to work, compared by a second person, or no longer used."""

    UNPROVED = "unproved"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A person's key. `office` says in words in which office they hold it, `organisation` is an id; `age` is the public
    half that shares are locked to, `sign` the one that their signatures are checked with (raw Ed25519, base64).
    `fingerprint` is the SHA-256 (hex) of both; `reason` why the key ended, "" while it has not."""

    id: str
    person: str
    organisation: str
    office: str
    age: str
    sign: str
    fingerprint: str
    enrolled_at: datetime
    proved_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    reason: str

    @property
    def state(self) -> State:
        if self.ended_at is not None:
            return State.ENDED
        if self.proved_at is None:
            return State.UNPROVED
        return State.WAITING if self.confirmed_at is None else State.CONFIRMED

    @property
    def public(self) -> kernel.Holder:
        """As a roster names it."""
        return kernel.Holder(
            id=self.id, office=self.office, organisation=self.organisation, age=self.age, sign=self.sign
        )


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a roster, counted from 1: x of the shares of whoever sits there. `signature` is base64, "" before."""

    place: int
    holder: Holder
    signature: str
    signed_at: datetime | None

    @property
    def signed(self) -> bool:
        return bool(self.signature)


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The roster chosen for `subject` (a tender's id): any `quorum` of the seats open together with the keyholder.

    `content` are its canonical bytes and `sha256` their hash: what holders sign and envelopes name. It is frozen when
    the tender is published; `opening_at` is known from then on. `ended_at`: nobody is asked for anything any more.
    """

    subject: str
    process: str
    buyer: str
    title: str
    level: Level
    quorum: int
    sha256: str
    content: bytes
    asked_at: datetime
    frozen_at: datetime | None
    opening_at: datetime | None
    ended_at: datetime | None
    seats: tuple[Seat, ...]

    @property
    def roster(self) -> kernel.Roster:
        return kernel.parse_roster(self.content)

    @property
    def signatures(self) -> dict[str, str]:
        """By the holder's id, those that there are."""
        return {seat.holder.id: seat.signature for seat in self.seats if seat.signed}

    def seat_of(self, holder: str) -> Seat | None:
        return next((seat for seat in self.seats if seat.holder.id == holder), None)
