"""What an official message is, when it counts as delivered, and who may see that it was. Pure.

A message is delivered when it is made available in the inbox of the organisation, whether or not anybody looks; terms
run from then. Opening it is noted once, for the first of the organisation who does.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from procurement.kernel import merkle
from procurement.kernel.canonical import canonical, sha256_hex
from procurement.kernel.fact import Fact, Visible


class Kind(StrEnum):
    """What a message tells of. Each has a template of its name."""

    ANSWER = "answer"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    DRAFT = "draft"
    OPENED = "opened"
    TECHNICAL = "technical"
    PRICES = "prices"
    PRICE = "price"
    EXPLAINED = "explained"
    AWARD = "award"
    HELD = "held"
    LIFTED = "lifted"
    CONTRACT = "contract"
    IN_FORCE = "in-force"
    QUESTION = "question"
    WEBHOOK = "webhook"
    RECEIPT = "receipt"
    KEY = "key"
    ROSTER = "roster"
    PROOF = "proof"
    SHORT = "short"
    SHARES = "shares"
    LOST = "lost"
    KIT = "kit"


PROVABLE = frozenset({Kind.TECHNICAL, Kind.AWARD, Kind.PRICE, Kind.HELD, Kind.LIFTED, Kind.CONTRACT, Kind.IN_FORCE})
"""Messages to organisations that are known to have bid, because the bids were opened before: their sender may see when
they were delivered and opened, and the opening is recorded. Of all others nobody but the organisation learns that it
got them, or they would tell who has a draft or a sealed bid."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What one organisation is to be told. `due_at` is the moment by which it has to act, None where it need not."""

    organisation: str
    kind: Kind
    title: str
    body: str
    link: str
    due_at: datetime | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A delivered message. `body` is "" until somebody of the organisation has opened it. `index` is the place of the
    delivery in the public log, None where nothing was recorded or it is not placed yet. `sender` is "" for the service
    itself."""

    id: str
    organisation: str
    sender: str
    tender: str
    kind: Kind
    title: str
    body: str
    link: str
    due_at: datetime | None
    delivered_at: datetime
    read_at: datetime | None
    read_by: str
    index: int | None = None


class NoticesDelivered(Fact, frozen=True, kw_only=True):
    """Messages about the fact of ledger record `about` lie in the inboxes of all whom it concerns.

    `root` is the RFC 9162 tree hash over the canonical {message, organisation, sha256} of each, in the order of their
    ids. There is one such entry for a fact, however many or few are told: before the opening their number would tell.
    """

    visible: ClassVar[Visible] = Visible.PARTIES

    about: int
    root: str


class NoticeOpened(Fact, frozen=True, kw_only=True):
    """Somebody of the organisation was the first to open a message; who, only its own people see."""

    visible: ClassVar[Visible] = Visible.PARTIES

    message: str
    organisation: str


class Delivered(msgspec.Struct, frozen=True):
    """One leaf of a delivery: `sha256` is that of title and body as they were delivered."""

    message: str
    organisation: str
    sha256: str


def delivered(message: str, letter: Letter) -> Delivered:
    digest = sha256_hex(canonical({"body": letter.body, "title": letter.title}))
    return Delivered(message=message, organisation=letter.organisation, sha256=digest)


def root_of(leaves: Iterable[Delivered]) -> str:
    """The tree hash in hex over the leaves, by message id."""
    hashes: Sequence[bytes] = [
        merkle.leaf_hash(canonical(msgspec.to_builtins(leaf))) for leaf in sorted(leaves, key=lambda one: one.message)
    ]
    return merkle.root(hashes).hex()
