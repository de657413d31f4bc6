"""What a tender is: frozen values that every later stage reads."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import msgspec

from procurement.kernel.money import Money
from procurement.kernel.period import Interval
from procurement.kernel.sealing.opening_key import SignedOpeningKey
from procurement.rulebooks.rules import Period


class Phase(StrEnum):
    """Where a tender is in its life, derived from its moments and now."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


State = Literal["draft", "submitted", "open", "cancelled"]
Category = Literal["goods", "works", "services"]
Kind = Literal["price", "quality", "pass-fail"]


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a tender that is awarded apart. `value` is the buyer's estimate, where it gives one."""

    id: str
    number: int
    title: str
    description: str = ""
    value: Money | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a lot's price schedule. `lot` is the lot's id; `classification_id` a CPV code in CPV's scheme."""

    id: str
    lot: str
    number: int
    description: str
    classification_scheme: str
    classification_id: str
    classification_description: str = ""
    quantity: Decimal
    unit: str
    place: str = ""


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """How bids are judged. `lot` is a lot's id, or "" for every lot; `weight` in per cent, 0 for pass-fail."""

    id: str
    lot: str
    number: int
    name: str
    description: str = ""
    kind: Kind
    weight: Decimal

    def concerns(self, lot: str) -> bool:
        return self.lot in ("", lot)


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A public file of the tender, stored under its SHA-256. `size` in bytes; `version` counts from 1 by name."""

    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    version: int
    published_at: datetime | None = None


class Tender(msgspec.Struct, frozen=True, kw_only=True):
    """A tender as it stands. Until publication the rulebook, procedure, seal level and moments may still be empty.

    `procedure` is the name in the rulebook and `procedure_rules` what it said at publication. `value` is 0 until it is
    known. `revision_hash` is the SHA-256 of the canonical published content, "" before. `deposit` is asked of every
    bidder. `financial_recipient` is the keyholder's second identity, for the financial envelopes of a tender that takes
    two of each bidder; `keyholder_recipient` is then for the technical ones. `opening_keys` are what the keyholder of
    `keyholder_key` signed last of both and of `opening_at`; None where the tender was published before it signed.
    """

    id: str
    ocid: str
    buyer: str
    state: State
    revision: int
    revision_hash: str
    title: str
    description: str
    category: Category
    value: Money
    procedure: str
    procedure_rules: dict[str, Any]
    award_method: str
    contract_terms: str
    rulebook: str
    rulebook_sha256: str
    seal_level: str
    keyholder_recipient: str
    created_by: str
    created_at: datetime
    submitted_by: str
    submitted_at: datetime | None
    returned_reason: str
    published_at: datetime | None
    question_deadline: datetime | None
    answer_deadline: datetime | None
    deadline: datetime | None
    opening_at: datetime | None
    closed_at: datetime | None
    settled_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    deposit: Money | None = None
    financial_recipient: str | None = None
    keyholder_key: str | None = None
    opening_keys: tuple[SignedOpeningKey, ...] | None = None
    lots: tuple[Lot, ...] = ()
    items: tuple[Item, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def validity(self) -> Period | None:
        """How long a bid binds its bidder: the notice says it, and the bidder declares it."""
        said = self.procedure_rules.get("validity")
        return msgspec.convert(said, Period) if said else None

    def phase(self, now: datetime) -> Phase:
        """Closed because the deadline has passed, whether or not anything has run since."""
        if self.state != "open":
            return Phase(self.state)
        if self.closed_at is not None or self.deadline is None or now >= self.deadline:
            return Phase.CLOSED
        return Phase.OPEN

    @property
    def two_envelopes(self) -> bool:
        """Whether a published tender takes technical and financial envelopes apart (Model Law article 47)."""
        return self.financial_recipient is not None

    @property
    def lots_apart(self) -> tuple[str, ...]:
        """The lots (ids, in their order) that have a financial envelope each; none where one holds all prices."""
        return tuple(lot.id for lot in self.lots) if self.two_envelopes and len(self.lots) > 1 else ()

    @property
    def is_public(self) -> bool:
        return self.published_at is not None

    def takes_questions(self, now: datetime) -> bool:
        """From publication until the cut-off, which is outside."""
        return (
            self.phase(now) is Phase.OPEN
            and self.published_at is not None
            and self.question_deadline is not None
            and now in Interval(self.published_at, self.question_deadline)
        )

    def lot(self, lot_id: str) -> Lot | None:
        return next((lot for lot in self.lots if lot.id == lot_id), None)

    def items_of(self, lot_id: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.lot == lot_id)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A tender in a list. `value` in the tender's currency."""

    id: str
    title: str
    buyer: str
    phase: Phase
    value: Money
    deadline: datetime | None
    submitted_by: str
    extension_waits: bool  # for a second person


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed later deadline. `approved` is None while it waits."""

    id: str
    tender: str
    deadline: datetime
    reason: str
    proposed_by: str
    proposed_at: datetime
    approved: bool | None = None
