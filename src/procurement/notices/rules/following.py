"""What one can follow, how often one is told, and which facts a follower hears of. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

Kind = Literal["tender", "buyer", "search"]
Often = Literal["at-once", "daily", "weekly", "off"]
KINDS: tuple[Kind, ...] = ("tender", "buyer", "search")
OFTEN: tuple[Often, ...] = ("at-once", "daily", "weekly", "off")  # the soonest first

MOST = 500  # follows of one person
LONGEST_TARGET = 1000  # characters of a search


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody follows. `target` is a tender's or buyer's id, or a search as its address writes it, without "?".
    `organisation` is the one it is followed for, "" for nobody but oneself."""

    id: str
    kind: Kind
    target: str
    often: Often
    organisation: str
    since: datetime


class What(StrEnum):
    """What a follower is told of. The words people read are in the templates."""

    PUBLISHED = "published"
    ANSWERED = "answered"
    MOVED = "deadline-moved"
    CANCELLED = "cancelled"
    OPENED = "opened"
    AWARDED = "awarded"
    UNSUCCESSFUL = "unsuccessful"
    SIGNED = "signed"


OF_A_TENDER = frozenset(What) - {What.PUBLISHED}
OF_A_BUYER = frozenset({What.PUBLISHED, What.CANCELLED, What.AWARDED, What.UNSUCCESSFUL, What.SIGNED})
ENTERED = {
    What.PUBLISHED: "open",
    What.CANCELLED: "cancelled",
    What.AWARDED: "awarded",
    What.UNSUCCESSFUL: "unsuccessful",
}
"""The status in which a fact leaves a notice: a search hears of what comes to be among its results."""


def enters(statuses: tuple[str, ...], what: What) -> bool:
    """Whether a fact brings a notice into a search of these statuses; () is all, and then only publication does."""
    return ENTERED.get(what) in statuses if statuses else what is What.PUBLISHED
