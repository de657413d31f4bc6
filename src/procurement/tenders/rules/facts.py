"""What the ledger records of a tender. Draft saves are not facts."""

from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.sealing.opening_key import SignedOpeningKey


class PublishedDocument(msgspec.Struct, frozen=True):
    """A file of the published tender by its hash."""

    id: str
    sha256: str


class TenderSubmitted(Fact, frozen=True, kw_only=True):
    """A drafter asked for approval. Nothing is public yet."""

    visible: ClassVar[Visible] = Visible.PARTIES

    tender: str
    submitted_by: str


class TenderReturned(Fact, frozen=True, kw_only=True):
    """The second person sent the draft back, with what to change."""

    visible: ClassVar[Visible] = Visible.PARTIES

    tender: str
    reason: str
    returned_by: str


class TenderPublished(Fact, frozen=True, kw_only=True):
    """The call is public. `revision_hash` is the SHA-256 of the canonical content; `recipient` is what bids are sealed
    to, `financial_recipient` what financial envelopes are, where bids have two; the rulebook and the procedure are
    frozen from here on. `approved_by` is "" where one person suffices. `opening_keys` are the keyholder's signed word
    on each recipient and on `opening_at`; there was none before keyholders signed."""

    tender: str
    ocid: str
    buyer: str
    revision: int
    revision_hash: str
    rulebook: str
    rulebook_sha256: str
    procedure: str
    seal_level: str
    recipient: str
    question_deadline: datetime
    answer_deadline: datetime
    deadline: datetime
    opening_at: datetime
    documents: list[PublishedDocument]
    submitted_by: str
    approved_by: str
    financial_recipient: str | UnsetType = UNSET
    opening_keys: tuple[SignedOpeningKey, ...] = ()


class DeadlineExtended(Fact, frozen=True, kw_only=True):
    """The deadline moved forward, by two persons. Bids already received stand. `opening_keys` as at publication, with
    the later time."""

    tender: str
    revision: int
    revision_hash: str
    previous_deadline: datetime
    question_deadline: datetime
    answer_deadline: datetime
    deadline: datetime
    opening_at: datetime
    reason: str
    proposed_by: str
    approved_by: str
    opening_keys: tuple[SignedOpeningKey, ...] = ()


class TenderCancelled(Fact, frozen=True, kw_only=True):
    """The procurement ended without award; bids stay unopened (Model Law article 19)."""

    tender: str
    reason: str
    cancelled_by: str
