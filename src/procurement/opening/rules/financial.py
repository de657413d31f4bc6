"""The second opening of a tender whose bids have two envelopes: of prices, after the technical decision.

UNCITRAL Model Law article 47: the financial envelopes of those who passed are opened, the others stay sealed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType

from procurement.kernel.fact import Fact
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import ItemPrice
from procurement.opening.rules.asking import confirm_by
from procurement.opening.rules.unread import bidders_asked_at

Priced = tuple[str, str]
"""A bid's id, and the lot that a financial envelope of it is for: "" of one for all lots."""


class FinancialState(StrEnum):
    """Where the financial envelopes of a tender are."""

    SEALED = "sealed"  # the technical decision is awaited
    NONE = "none"  # nobody passed: all stay sealed
    DECIDED = "decided"  # two officers have to ask for those who passed
    REQUESTED = "requested"  # one has asked
    OPENING = "opening"  # both have; the keyholder releases, prices are decrypted and checked
    SHOWN = "shown"  # the prices of all who passed were read out, together


class Financial(msgspec.Struct, frozen=True, kw_only=True):
    """The second opening. `passed` are the envelopes that may be opened; people are named by id; moments are legal
    time."""

    tender: str
    decided_at: datetime | None = None
    passed: tuple[Priced, ...] = ()
    requested_by: str = ""
    requested_at: datetime | None = None
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    released_at: datetime | None = None
    shared_at: datetime | None = None
    shown_at: datetime | None = None
    problem: str = ""

    def opens(self, bid_id: str, lot: str) -> bool:
        """Whether the bid passed in this lot."""
        return (bid_id, lot) in self.passed or (bid_id, "") in self.passed

    @property
    def confirm_by(self) -> datetime | None:
        return confirm_by(self.requested_at) if self.requested_at else None

    @property
    def over(self) -> bool:
        """Whether every price that is ever opened is known."""
        return self.state in (FinancialState.SHOWN, FinancialState.NONE)

    @property
    def bidders_asked_at(self) -> datetime | None:
        """When key holders who are silent are waited for alone no longer."""
        return bidders_asked_at(self.shared_at)

    @property
    def takes_codes(self) -> bool:
        """Two people asked, and it waits for something: it may be that the keyholder asks both once more."""
        return self.confirmed_at is not None and self.shown_at is None and bool(self.problem)

    @property
    def state(self) -> FinancialState:
        if self.shown_at is not None:
            return FinancialState.SHOWN
        if self.confirmed_at is not None:
            return FinancialState.OPENING
        if self.requested_at is not None:
            return FinancialState.REQUESTED
        if self.decided_at is None:
            return FinancialState.SEALED
        return FinancialState.DECIDED if self.passed else FinancialState.NONE


class OpenedPrices(msgspec.Struct, frozen=True, kw_only=True):
    """What was in a financial envelope, of one `lot` or ("") of all; without prices `problem` says why it could not be
    read."""

    bid_id: str
    lot: str
    digest: str
    lot_totals: dict[str, Money]
    item_prices: tuple[ItemPrice, ...]
    problem_code: str
    problem: str


class TechnicalDecided(Fact, frozen=True, kw_only=True):
    """Two people decided who passed the technical evaluation, in which lots. `passed` are the digests of the financial
    envelopes that may be opened, `failed` of those that stay sealed: together all that `closing` (its leaf hash)
    fixed."""

    tender: str
    closing: str
    passed: list[str]
    failed: list[str]


class PricesRequested(Fact, frozen=True, kw_only=True):
    """A first officer asks for the financial envelopes that exactly this `decision` (leaf hash) lets be opened."""

    tender: str
    decision: str
    requested_by: str


class PricesConfirmed(Fact, frozen=True, kw_only=True):
    """A second person asks too: from here on the second key will be used."""

    tender: str
    decision: str
    confirmed_by: str


class PricesAskedAgain(Fact, frozen=True, kw_only=True):
    """Somebody who may ask for these prices gave a key code once more: the keyholder no longer had two fresh ones,
    after a day, or because it came back from a copy."""

    tender: str
    decision: str
    asked_by: str


class PriceDisclosed(msgspec.Struct, frozen=True, kw_only=True):
    """What is read out of one financial envelope (`digest`), `lots` by lot id. Without lots, `problem` is the code of
    why it did not open. `lot` is the one that the envelope is for, where lots are priced apart."""

    bid: str
    digest: str
    lots: dict[str, Money]
    problem: str
    lot: str | UnsetType = UNSET


class PricesOpened(Fact, frozen=True, kw_only=True):
    """The financial envelopes of all who passed were opened and are shown together, in the order of receipt."""

    tender: str
    decision: str
    bids: list[PriceDisclosed]


def must_be_undecided(held: Financial) -> None:
    """Refused("technical-decided"): a technical decision is taken once."""
    if held.decided_at is not None:
        raise Refused("technical-decided", "The technical decision was taken. It cannot be taken again.")


def must_open_prices(held: Financial, cancelled: bool) -> None:
    """Whether anybody can ask for the prices: Refused("tender-cancelled"), ("technical-undecided"), ("nobody-passed"),
    and ("already-opening") once two people have."""
    if cancelled:
        raise Refused("tender-cancelled", "This tender was cancelled. Its bids stay sealed.")
    if held.decided_at is None:
        raise Refused("technical-undecided", "Who passed the technical evaluation is not decided yet.")
    if not held.passed:
        raise Refused("nobody-passed", "No bid passed the technical evaluation, so all prices stay sealed.")
    if held.confirmed_at is not None and not held.takes_codes:
        raise Refused("already-opening", "This opening was already asked for by two people.")


def decide(tender: str, closing: str, digests: Mapping[Priced, str], passed: Collection[Priced]) -> TechnicalDecided:
    """The fact of a decision over the financial envelopes that closing fixed, by their `digests`.

    Refused("bid-unknown", 404) for one that passed and is not among them.
    """
    if not set(passed) <= set(digests):
        raise Refused("bid-unknown", "Only a bid that closing fixed can pass.", status=404)
    return TechnicalDecided(
        tender=tender,
        closing=closing,
        passed=[digest for one, digest in digests.items() if one in passed],
        failed=[digest for one, digest in digests.items() if one not in passed],
    )
