"""A bid that too few key holders could read: what each of them said of it, and how two people decide not to wait.

Nobody can prove that a share cannot be read without giving away the key that reads it. So nothing follows from such
words alone, nor from silence: the opening waits, for another holder or for the bidder's kit, until people decide.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused, invalid

LEAST_REASON, MOST_REASON = 10, 2000  # characters
SHARES_WAIT = timedelta(days=3)
"""For key holders to answer, over a weekend too. Then bidders are asked for their kits: no silence holds an opening."""
SILENCE_WAIT = timedelta(days=14)
"""From the asking of a bidder until two people may go on without its bid though a key holder never answered: time to
call that holder, and their organisation, which can end the key, and for the bidder to go to a review body."""


class Said(StrEnum):
    """What a key holder said of their share of one bid."""

    READ = "read"
    UNREADABLE = "unreadable"
    NOTHING = "nothing"  # they did not answer


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """A key holder by office, and their share of one bid as the keyholder released it: `commit` is what the bidder
    committed to, `ct` the SHA-256 (hex) of what was locked to the holder. `ended`: nobody waits for their key."""

    holder: str
    office: str
    organisation: str
    said: Said
    commit: str
    ct: str
    ended: bool = False

    @property
    def silent(self) -> bool:
        """Whether an answer is still awaited."""
        return self.said is Said.NOTHING and not self.ended


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """The bid, without whose it is; `lot` is the one whose price it is about, where lots are priced apart, else "". Its
    bidder has until then, at least, to bring its kit; one `without_kit` was sealed by this site. Two people may go on
    without it from `decided_from` on. `proposed_by` is "" before anybody proposed that, `put_out_at` None before a
    second person agreed."""

    bid: str
    digest: str
    until: datetime
    decided_from: datetime
    without_kit: bool
    readers: tuple[Reader, ...]
    proposed_by: str = ""
    proposed_at: datetime | None = None
    reason: str = ""
    put_out_at: datetime | None = None
    lot: str = ""

    @property
    def could_read(self) -> int:
        return sum(one.said is Said.READ for one in self.readers)

    @property
    def silent(self) -> int:
        """How many key holders have not answered, and still can."""
        return sum(one.silent for one in self.readers)


class Waiting(msgspec.Struct, frozen=True):
    """Bids that hold up an opening: decided about from `until` on; `proposed_by` is "" before anybody proposed it."""

    until: datetime
    proposed_by: str


class PutOutProposed(Fact, frozen=True, kw_only=True):
    """An officer proposes to go on without a bid that too few key holders could read; without its price for a `lot`,
    where lots are priced apart."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    reason: str
    lot: str | UnsetType = UNSET


class PutOutRefused(Fact, frozen=True, kw_only=True):
    """A second person decided to wait on for it."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    lot: str | UnsetType = UNSET


class BidPutOut(Fact, frozen=True, kw_only=True):
    """A second person agreed: the opening goes on without this bid. Which key holders (by id) could read their share of
    it, said that they could not, and said nothing, whether their key had ended or they were silent."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    digest: str
    reason: str
    read: list[str]
    unreadable: list[str]
    nothing: list[str]


def bidders_asked_at(shared_at: datetime | None) -> datetime | None:
    """When bidders are asked for their kits at the latest, of shares that key holders were asked for."""
    return shared_at and shared_at + SHARES_WAIT


def decided_from(asked_at: datetime, until: datetime, readers: Sequence[Reader]) -> datetime:
    """When two people may decide about a bid: `until` then its bidder has its time, and longer while somebody who may
    open it is silent."""
    return max(until, asked_at + SILENCE_WAIT) if any(one.silent for one in readers) else until


def must_be_waited_for_long_enough(one: Unread, now: datetime) -> None:
    """Refused("kit-awaited") while the bidder, or a key holder who is silent, still has time."""
    if now < one.decided_from:
        raise Refused("kit-awaited", "Its bidder, or a key holder who can still open it, still has time.")


def reason_given(text: str) -> str:
    """A reason that says something. Refused("form-invalid")."""
    plain = text.strip()
    if not LEAST_REASON <= len(plain) <= MOST_REASON:
        raise invalid("Give the reason.", reason=f"Write the reason in {LEAST_REASON} to {MOST_REASON:,} characters.")
    return plain


def put_out(tender: str, one: Unread) -> BidPutOut:
    by: dict[Said, list[str]] = {said: [] for said in Said}
    for reader in one.readers:
        by[reader.said].append(reader.holder)
    return BidPutOut(
        tender=tender,
        bid=one.bid,
        digest=one.digest,
        reason=one.reason,
        read=by[Said.READ],
        unreadable=by[Said.UNREADABLE],
        nothing=by[Said.NOTHING],
    )


def evidence(unread: Sequence[Unread]) -> list[dict[str, object]]:
    """For the opening record: of each bid that was put out who could read it, and what was locked to whom."""
    return [
        {
            "bid": one.bid,
            **({"lot": one.lot} if one.lot else {}),
            "digest": one.digest,
            "reason": one.reason,
            "holders": [msgspec.to_builtins(reader) for reader in one.readers],
        }
        for one in unread
    ]
