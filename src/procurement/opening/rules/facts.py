"""What the record says of an opening."""

from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money


class OpeningRequested(Fact, frozen=True, kw_only=True):
    """A first officer asks for the opening of exactly this closing."""

    tender: str
    closing: str
    requested_by: str


class OpeningConfirmed(Fact, frozen=True, kw_only=True):
    """A second person asks too: from here on keys will be used."""

    tender: str
    closing: str
    confirmed_by: str


class OpeningAskedAgain(Fact, frozen=True, kw_only=True):
    """Somebody who may ask for this opening gave a key code once more: the keyholder no longer had two fresh ones,
    after a day, or because it came back from a copy."""

    tender: str
    closing: str
    asked_by: str


class SharesAsked(Fact, frozen=True, kw_only=True):
    """The keyholder released the bids of this closing, and each of these key holders is asked for their shares; of
    financial envelopes after exactly this technical `decision` (leaf hash), which the facts below name too."""

    tender: str
    closing: str
    holders: list[str]
    decision: str | UnsetType = UNSET


class SharesGiven(Fact, frozen=True, kw_only=True):
    """A key holder answered: `able` to give shares, or not of a single bid. How many bids there are is not said."""

    tender: str
    closing: str
    holder: str
    able: bool
    decision: str | UnsetType = UNSET


class SharesCounted(Fact, frozen=True, kw_only=True):
    """Of how many bids the shares of that answer are there, and of how many the holder could not read them."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    closing: str
    holder: str
    given: int
    unreadable: int
    decision: str | UnsetType = UNSET


class KitAsked(Fact, frozen=True, kw_only=True):
    """Every key holder was asked, and too few could read this bid (its price for a `lot`, where lots are priced apart),
    or are silent: its bidder may open it itself, until then."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
    until: datetime
    decision: str | UnsetType = UNSET
    lot: str | UnsetType = UNSET


class KitGiven(Fact, frozen=True, kw_only=True):
    """The bidder gave the key of its own bid; of its price for a `lot`, where lots are priced apart."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
    decision: str | UnsetType = UNSET
    lot: str | UnsetType = UNSET


class BidDisclosed(msgspec.Struct, frozen=True, kw_only=True):
    """What is read out of one bid; `lots` by lot id. Without lots, `problem` is the code of why it did not open; it is
    "" where prices are in another envelope, or not read out."""

    bid: str
    supplier: str
    version: int
    digest: str
    lots: dict[str, Money]
    problem: str


class BidsOpened(Fact, frozen=True, kw_only=True):
    """All bids that the closing fixed were opened and are shown together, in the order of receipt."""

    tender: str
    closing: str
    root: str
    bids: list[BidDisclosed]


class DocumentQuarantined(Fact, frozen=True, kw_only=True):
    """A malware scanner found something in a document of an opened bid: readers do not get it. `document` is its number
    in the bid. The bid stands as it was received."""

    tender: str
    bid: str
    document: int
    found: str


class QuarantinedTaken(Fact, frozen=True, kw_only=True):
    """Somebody took a quarantined document, after a warning."""

    visible: ClassVar[Visible] = Visible.NEVER

    tender: str
    bid: str
    document: int
    person: str


class OpeningRecordWritten(Fact, frozen=True, kw_only=True):
    """The signed opening record was written as a document, a PDF with this SHA-256."""

    tender: str
    sha256: str


class StagedRemoved(Fact, frozen=True, kw_only=True):
    """A tender was cancelled while its bids were opened: what had been opened was removed, and nobody saw it. How many
    bids that were is not told."""

    tender: str
