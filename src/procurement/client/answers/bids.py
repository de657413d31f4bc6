"""Bids and what becomes of them: opening, evaluation, award, contract."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from procurement.client.answers.base import Answer
from procurement.kernel.money import Money
from procurement.kernel.sealing import Blob, SignedReceipt
from procurement.kernel.sealing.declarations import Statement
from procurement.kernel.sealing.opening_key import SignedOpeningKey


class Submitted(Answer, frozen=True):
    """The latest version that an organisation submitted."""

    bid: str
    version: int
    digest: str
    received_at: datetime
    withdrawn_at: datetime | None


class WhatToSeal(Answer, frozen=True):
    """What a bid for a tender is sealed to just now. `roster` is canonical JSON and `signatures` are by the holder's
    id; "" and none at level S1. `declarations` have to be confirmed in the bid. `envelopes` are the kinds that make a
    bid; `financial_recipient` is what financial ones are locked to, "" where there is one envelope. `financial_lots`
    are the lots (ids) that have one each, none where one holds all prices.
    `opening_keys` are what the keyholder of `keyholder_key` signed of both; "" and none where it had not signed yet."""

    tender: str
    revision: str
    level: Literal["S1", "S2", "S3"]
    recipient: str
    roster: str
    signatures: dict[str, str]
    declarations: tuple[Statement, ...]
    needs_documents: bool
    bid_limit: int
    supplier: str
    next_version: int
    deadline: datetime | None
    submitted: Submitted | None
    envelopes: tuple[str, ...] = ("single",)
    financial_recipient: str = ""
    financial_lots: tuple[str, ...] = ()
    keyholder_key: str = ""
    opening_keys: tuple[SignedOpeningKey, ...] = ()


class Stored(Answer, frozen=True):
    """Sealed parts that are durable."""

    parts: tuple[Blob, ...]


class Received(Answer, frozen=True):
    """`receipt` is what to keep: `msgspec.json.encode(receipt)` is the receipt file."""

    bid: str
    receipt: SignedReceipt


class Withdrawn(Answer, frozen=True):
    withdrawn_at: datetime


class OpenedBid(Answer, frozen=True):
    """What was read out of one bid: totals by lot id, or the code of why it did not open."""

    bid: str
    supplier: str
    version: int
    digest: str
    lots: dict[str, Money]
    problem: str


class Opening(Answer, frozen=True):
    """`state` is bidding, cancelled, closed, requested, confirmed or shown."""

    tender: str
    state: str
    opening_at: datetime | None
    shown_at: datetime | None
    read_out: tuple[OpenedBid, ...]


class EvaluatedBid(Answer, frozen=True):
    bid: str
    supplier: str
    prices: dict[str, Money]
    compliant: bool | None


class Ranked(Answer, frozen=True):
    """A place in a lot; `rank` 0 is out. `score` is out of 100."""

    bid_id: str
    supplier: str
    lot: str
    rank: int
    score: Decimal
    price: Money
    compliant: bool


class Evaluation(Answer, frozen=True):
    """The ranking is empty until the evaluation is concluded."""

    tender: str
    bids: tuple[EvaluatedBid, ...]
    concluded_at: datetime | None
    ranking: tuple[Ranked, ...]


class Hold(Answer, frozen=True):
    id: str
    reason: str
    placed_at: datetime
    lifted_at: datetime | None


class Award(Answer, frozen=True):
    """`supplier` is "" and `price` None where no bid was acceptable."""

    id: str
    tender: str
    lot: str
    supplier: str
    price: Money | None
    reason: str
    announced_at: datetime | None
    standstill_ends: datetime | None
    final: bool
    holds: tuple[Hold, ...]


class Contract(Answer, frozen=True):
    id: str
    tender: str
    award: str
    lot: str
    buyer: str
    supplier: str
    title: str
    value: Money
    starts_on: date
    ends_on: date
    document_sha256: str
    buyer_signed_at: datetime | None
    supplier_signed_at: datetime | None
    signed_at: datetime | None
