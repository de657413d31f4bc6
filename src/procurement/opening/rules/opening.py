"""What an opening is, who may take which step of it when, and what the record says of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from procurement.kernel.actor import must_be_two
from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.scan import Scan, Verdict
from procurement.kernel.sealing import ItemPrice
from procurement.opening.rules.financial import Financial

ASK_AGAIN_AFTER = 24 * 3600  # seconds; then the keyholder no longer counts the first officer's code
KIT_WAIT = timedelta(days=3)  # for a bidder to bring its recovery kit, when too few members could read its bid


class State(StrEnum):
    """Where an opening is, derived from its moments."""

    BIDDING = "bidding"  # bids may still come
    CANCELLED = "cancelled"  # nothing will be opened
    CLOSED = "closed"  # two officers have to ask
    REQUESTED = "requested"  # one has asked
    OPENING = "opening"  # both have; the keyholder releases, bids are decrypted and checked
    SHOWN = "shown"  # everything was read out, together


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """`closing` is the leaf hash of the closing fact. People are named by id; moments are legal time."""

    tender: str
    closing: str
    requested_by: str
    requested_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    released_at: datetime | None = None
    shared_at: datetime | None = None
    shown_at: datetime | None = None
    problem: str = ""

    @property
    def takes_codes(self) -> bool:
        """Two people asked, and it waits for something: it may be that the keyholder asks both once more."""
        return self.confirmed_at is not None and self.shown_at is None and bool(self.problem)

    @property
    def state(self) -> State:
        if self.shown_at is not None:
            return State.SHOWN
        return State.REQUESTED if self.confirmed_at is None else State.OPENING


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document of an opened bid. `confidential` is the bidder's reason for keeping it unpublished, or ""; `scan` what
    is known of malware in it."""

    number: int
    name: str
    media_type: str
    size: int
    sha256: str
    confidential: str
    scan: Scan = Scan()

    @property
    def quarantined(self) -> bool:
        return self.scan.verdict is Verdict.FOUND


class OpenedBid(msgspec.Struct, frozen=True, kw_only=True):
    """A bid as it was opened. `lot_totals` by lot id and `item_prices` are empty, and `problem` says why, when it could
    not be read; then it is not `valid`. They are empty too while its financial envelope is sealed."""

    bid_id: str
    supplier: str
    version: int
    digest: str
    received_at: datetime
    lot_totals: dict[str, Money]
    total: Money
    item_prices: tuple[ItemPrice, ...]
    documents: tuple[Document, ...]
    valid: bool
    problem_code: str
    problem: str

    @property
    def priced(self) -> bool:
        """Whether its prices are known."""
        return bool(self.lot_totals)


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
    """Every key holder was asked, and too few could read this bid: its bidder may open it itself, until then."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
    until: datetime
    decision: str | UnsetType = UNSET


class KitGiven(Fact, frozen=True, kw_only=True):
    """The bidder gave the key of its own bid."""

    visible: ClassVar[Visible] = Visible.AT_OPENING

    tender: str
    bid: str
    supplier: str
    decision: str | UnsetType = UNSET


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


def total_of(lots: dict[str, Money], currency: str) -> Money:
    return sum(lots.values(), Money(0, currency))


def must_be_due(opening_at: datetime | None, cancelled: bool, closed: bool, now: datetime) -> None:
    """Refused("tender-cancelled"), ("not-closed"), ("too-early"): when nobody can ask for the opening yet, or ever."""
    if cancelled:
        raise Refused("tender-cancelled", "This tender was cancelled. Its bids stay sealed.")
    if not closed or opening_at is None:
        raise Refused("not-closed", "Bidding is not closed yet.")
    if now < opening_at:
        raise Refused("too-early", "The opening time has not come yet.")


def must_take_request(held: Opening | None, person: str, now: datetime) -> None:
    """Refused("already-requested") while another officer's request waits, ("already-opening") after confirmation."""
    if held is None:
        return
    if held.confirmed_at is not None:
        raise Refused("already-opening", "This opening was already asked for by two people.")
    waits = (now - held.requested_at).total_seconds() < ASK_AGAIN_AFTER
    if waits and held.requested_by != person:
        raise Refused("already-requested", "A first officer has already asked. An approver has to confirm.")


def must_take_confirmation(held: Opening | None, person: str, now: datetime) -> Opening:
    """Refused("not-requested"), ("request-expired"), ("same-person", 403), ("already-opening")."""
    if held is None:
        raise Refused("not-requested", "An officer has to ask for the opening first.")
    if held.confirmed_at is not None:
        raise Refused("already-opening", "This opening was already asked for by two people.")
    must_be_two(held.requested_by, person)
    if (now - held.requested_at).total_seconds() >= ASK_AGAIN_AFTER:
        raise Refused("request-expired", "The officer asked more than a day ago and has to ask again.")
    return held


def must_take_shares(held: Opening | Financial | None, cancelled: bool) -> None:
    """Refused("not-released") before the keyholder gave the shares, ("already-opened") once everything is shown,
    ("tender-cancelled")."""
    if held is None or held.shared_at is None:
        raise Refused("not-released", "The key service has not released these bids yet. There is nothing to give.")
    if held.shown_at is not None:
        raise Refused("already-opened", "These bids were opened. Nothing is asked of you any more.")
    if cancelled:
        raise Refused("tender-cancelled", "This tender was cancelled. Its bids stay sealed.")


def must_be_complete(wanted: Iterable[str], given: Sequence[str]) -> None:
    """Refused("shares-incomplete", 422) unless each bid that is wanted, by digest, is answered once, and no other."""
    if len(given) != len(set(given)) or set(given) != set(wanted):
        raise Refused("shares-incomplete", "Answer for every bid of this opening, once, in one go.", status=422)
