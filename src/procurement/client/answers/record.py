"""The public record: notices, the log and its feed."""

from datetime import datetime
from typing import Any

from procurement.client.answers.base import Answer
from procurement.kernel.money import Money


class Notice(Answer, frozen=True):
    """A procurement as lists show it; `source` is "" for those that were published here."""

    id: str
    ocid: str
    source: str
    title: str
    buyer: str
    kind: str
    status: str
    value: Money | None
    published_at: datetime
    deadline: datetime | None
    suppliers: tuple[str, ...]
    address: str


class NoticePage(Answer, frozen=True):
    notices: tuple[Notice, ...]
    next: str


class PublicAward(Answer, frozen=True):
    """An award with its contract, as lists show it; `estimate` is the buyer's, where it can be compared."""

    id: str
    notice_id: str
    ocid: str
    source: str
    title: str
    buyer: str
    suppliers: tuple[str, ...]
    kind: str
    value: Money | None
    estimate: Money | None
    bids: int | None
    status: str
    awarded_at: datetime
    signed_at: datetime | None
    address: str


class PublicAwardPage(Answer, frozen=True):
    awards: tuple[PublicAward, ...]
    next: str


class PublicOrganisation(Answer, frozen=True):
    """A buyer, or a supplier with an award: `bought` counts procurements, `won` awards."""

    id: str
    source: str
    name: str
    roles: tuple[str, ...]
    place: str
    bought: int
    won: int
    seen_at: datetime
    address: str


class PublicOrganisationPage(Answer, frozen=True):
    organisations: tuple[PublicOrganisation, ...]
    next: str


class Change(Answer, frozen=True):
    """An entry of the log. One that may not be read yet has only its index and `hidden`."""

    index: int
    at: datetime | None
    type: str
    process: str
    organisation: str
    fact: dict[str, Any]
    hidden: bool


class ChangePage(Answer, frozen=True):
    """`next` is where to go on from, `head` the newest index."""

    changes: tuple[Change, ...]
    next: int
    head: int


class Keys(Answer, frozen=True):
    """The log's name and its public keys, as C2SP verifier keys."""

    origin: str
    checkpoints: str
    receipts: str
    sandbox: bool
    witnesses: tuple[str, ...]
    keyholder: str = ""


class Clock(Answer, frozen=True):
    """Legal and real time of a sandbox."""

    legal: datetime
    real: datetime
