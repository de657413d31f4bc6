"""Webhooks: which events an endpoint is sent, in what form, how long delivery is tried, and what is recorded.

Headers and signature are those of Standard Webhooks. A body says what happened and to what; whoever receives it loads
the rest by id. Only what everybody may read at once is sent: what is disclosed later arrives as `RecordsDisclosed`.
"""

import base64
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.refusal import Refused, invalid

MOST = 5  # endpoints of an organisation
OVERLAP = timedelta(hours=24)  # in which a replaced secret still signs
TRIED_FOR = timedelta(days=3)
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = timedelta(seconds=5), timedelta(hours=8), 3
TEST = "WebhookTested"  # the type of a test event, which no fact has
GONE = 410  # RFC 9110, 15.5.11: the receiver wants nothing more


class WebhookAdded(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    webhook: str
    organisation: str


class WebhookSecretReplaced(Fact, frozen=True, kw_only=True):
    """The secret before still signs, beside the new one, until `overlap_until`."""

    visible: ClassVar[Visible] = Visible.PARTIES
    webhook: str
    organisation: str
    overlap_until: datetime


class WebhookSwitchedOff(Fact, frozen=True, kw_only=True):
    """The service stopped sending: the receiver answered 410, or nothing was delivered for three days."""

    visible: ClassVar[Visible] = Visible.PARTIES
    webhook: str
    organisation: str
    reason: str  # "gone" or "undelivered"


class WebhookRemoved(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    webhook: str
    organisation: str


class What(StrEnum):
    EVERYTHING = "everything"
    OURS = "ours"  # recorded for the organisation that owns the endpoint
    PROCESS = "process"  # of one procurement


class Wanted(msgspec.Struct, frozen=True):
    """Which events an endpoint is sent: `process` only with What.PROCESS; no `types` means all of them."""

    what: What
    process: str = ""
    types: tuple[str, ...] = ()

    def includes(self, ours: str, type_: str, process: str, organisation: str) -> bool:
        """Whether an event is wanted by an endpoint of organisation `ours`."""
        if type_ not in public_types() or (self.types and type_ not in self.types):
            return False
        if self.what is What.OURS:
            return organisation == ours
        return self.what is What.EVERYTHING or process == self.process


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint as its owners see it. `position` is the index of the last event that is done with."""

    id: str
    organisation: str
    url: str
    wanted: Wanted
    position: int
    created_at: datetime
    paused_at: datetime | None
    off_at: datetime | None
    off_reason: str
    failures: int
    failing_since: datetime | None
    next_at: datetime
    tested: bool  # false while a test event waits to be sent

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def state(self) -> str:
        return "off" if self.off_at else "paused" if self.paused_at else "failing" if self.failures else "on"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One event and what became of it. `status` is that of the last answer, 0 when there was none."""

    message: str
    index: int | None
    type: str
    attempts: int
    first_at: datetime
    last_at: datetime
    delivered_at: datetime | None
    status: int
    problem: str
    excerpt: str


class Subject(msgspec.Struct, frozen=True):
    """What an event is about, by id: its place in the log, procurement (OCID) and organisation, "" where none."""

    index: int | None
    type: str
    process: str
    organisation: str


class Event(msgspec.Struct, frozen=True):
    """The body of a message."""

    type: str
    timestamp: datetime
    data: Subject


class Outcome(msgspec.Struct, frozen=True):
    """How one attempt ended: the status of the answer (0: none), what went wrong in words, what the answer said."""

    status: int
    problem: str = ""
    excerpt: str = ""

    @property
    def delivered(self) -> bool:
        return 200 <= self.status < 300


def public_types() -> frozenset[str]:
    """Every fact whose content may be read at once."""
    return frozenset(fact.__name__ for fact in _below(Fact) if fact.visible is Visible.AT_ONCE)


def _below(kind: type[Fact]) -> Iterator[type[Fact]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def must_be_known(types: tuple[str, ...]) -> None:
    """Refused("form-invalid") for a type that is never sent."""
    if unknown := sorted(set(types) - public_types()):
        raise invalid("Check the events.", types=f"There is no public event “{unknown[0][:60]}”.")


def must_fit(count: int) -> None:
    """Refused("webhooks-full") when the organisation has as many endpoints as it may."""
    if count >= MOST:
        raise Refused("webhooks-full", f"An organisation has at most {MOST} webhooks. Remove one first.")


def message_id(webhook: str, index: int) -> str:
    """The same for every attempt and every replay, so that the receiver knows what it has seen."""
    return f"{webhook}-{index}"


def trial_id(webhook: str, asked_at: datetime) -> str:
    return f"{webhook}-test-{int(asked_at.timestamp() * 1000)}"


def new_secret() -> str:
    """256 random bits in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def next_attempt(failures: int, failing_since: datetime, now: datetime, chance: float) -> datetime | None:
    """When to try again after the so-many-th failure in a row, or nothing once three days have passed.

    The pause grows threefold from 5 seconds to 8 hours; `chance` (0 to 1) moves it by up to a quarter either way, so
    that receivers which failed together are not called together.
    """
    if now - failing_since >= TRIED_FOR:
        return None
    pause = min(FIRST_PAUSE * float(GROWTH ** min(failures - 1, 20)), LONGEST_PAUSE)
    return now + pause * (0.75 + chance / 2)
