"""What an opening is, and who may take which step of it when."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from procurement.kernel.actor import must_be_two
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.scan import Scan, Verdict
from procurement.kernel.sealing import ItemPrice
from procurement.opening.rules.asking import confirm_by
from procurement.opening.rules.financial import Financial
from procurement.opening.rules.unread import bidders_asked_at

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
    def confirm_by(self) -> datetime:
        return confirm_by(self.requested_at)

    @property
    def bidders_asked_at(self) -> datetime | None:
        """When key holders who are silent are waited for alone no longer."""
        return bidders_asked_at(self.shared_at)

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
    not be read; then it is not `valid`. They are empty too while its financial envelope is sealed. `shut_lots` are lots
    that are priced apart and whose price list could not be read, with the reason."""

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
    shut_lots: dict[str, str] = {}

    @property
    def priced(self) -> bool:
        """Whether its prices are known."""
        return bool(self.lot_totals)


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
    if now < held.confirm_by and held.requested_by != person:
        raise Refused("already-requested", "A first officer has already asked. An approver has to confirm.")


def must_take_confirmation(held: Opening | None, person: str, now: datetime) -> Opening:
    """Refused("not-requested"), ("request-expired"), ("same-person", 403), ("already-opening")."""
    if held is None:
        raise Refused("not-requested", "An officer has to ask for the opening first.")
    if held.confirmed_at is not None:
        raise Refused("already-opening", "This opening was already asked for by two people.")
    must_be_two(held.requested_by, person)
    if now >= held.confirm_by:
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
