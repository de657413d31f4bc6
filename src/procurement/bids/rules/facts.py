"""What the record says of bids. Who bid, and how many, becomes readable at the opening and not before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from msgspec import UNSET, UnsetType

from procurement.kernel.fact import Fact, Visible


class BidReceived(Fact, frozen=True, kw_only=True):
    """A sealed bid arrived in time. `replaces` is the earlier version's bid id, or "". A bid of two envelopes has the
    technical one's `digest`, and the `financial` one's; `financial_lots` are those of each lot by its id, where lots
    are priced apart."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
    version: int
    digest: str
    received_at: datetime
    deadline_applied: datetime
    sealed_by: str
    replaces: str
    financial: str | UnsetType = UNSET
    financial_lots: dict[str, str] | UnsetType = UNSET


def named_apart(financial: Mapping[str, str]) -> dict[str, Any]:
    """How fact and receipt name financial envelopes, from their digests by lot; the lot of one for all lots is ""."""
    if "" in financial:
        return {"financial": financial[""]}
    return {"financial_lots": dict(financial)} if financial else {}


class BidWithdrawn(Fact, frozen=True, kw_only=True):
    """The bidder took its bid back in time. No version of it will be opened unless a new one follows."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
    version: int
    withdrawn_at: datetime
    deadline_applied: datetime


class LateBidRefused(Fact, frozen=True, kw_only=True):
    """Somebody tried to submit or withdraw at or after the deadline; nothing else was kept of it."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    supplier: str
    attempted_at: datetime
    deadline: datetime


class TenderClosed(Fact, frozen=True, kw_only=True):
    """Bidding is over for good. `bids` envelopes can be opened, exactly those whose digests have this `root`."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    deadline: datetime
    closed_at: datetime
    bids: int
    root: str


class SealedPartsLost(Fact, frozen=True, kw_only=True):
    """Our storage lost sealed parts of an acknowledged bid: the opening waits until we have them again."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
    parts: int


class SealedPartsDeposited(Fact, frozen=True, kw_only=True):
    """The bidder gave all of them again, byte for byte as its receipt's digest says."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
