"""Who asks, and what tenders are."""

from datetime import datetime
from decimal import Decimal

from procurement.client.answers.base import Answer
from procurement.kernel.money import Money


class HeldRole(Answer, frozen=True):
    organisation: str
    name: str
    kind: str
    role: str


class Me(Answer, frozen=True):
    """Whom a token stands for: a person by id, and the organisation acted for, "" for none."""

    person: str
    organisation: str
    roles: tuple[HeldRole, ...]


class SteppedUp(Answer, frozen=True):
    until: datetime


class Made(Answer, frozen=True):
    """The id of what was made."""

    id: str


class Lot(Answer, frozen=True):
    id: str
    number: int
    title: str
    description: str = ""
    value: Money | None = None


class Item(Answer, frozen=True):
    """A line of the price schedule of the lot with that id."""

    id: str
    lot: str
    number: int
    description: str
    classification_scheme: str
    classification_id: str
    quantity: Decimal
    unit: str


class Criterion(Answer, frozen=True):
    """`kind` is price, quality or pass-fail; `lot` an id, or "" for every lot; the weight in per cent."""

    id: str
    lot: str
    name: str
    kind: str
    weight: Decimal


class Document(Answer, frozen=True):
    id: str
    name: str
    media_type: str
    size: int
    sha256: str
    version: int


class Tender(Answer, frozen=True):
    """`phase` is draft, submitted, open, closed or cancelled; `deposit` is asked of every bidder."""

    id: str
    ocid: str
    buyer: str
    phase: str
    revision: int
    revision_hash: str
    title: str
    description: str
    category: str
    value: Money
    award_method: str
    published_at: datetime | None
    question_deadline: datetime | None
    deadline: datetime | None
    opening_at: datetime | None
    cancelled_at: datetime | None
    deposit: Money | None
    lots: tuple[Lot, ...]
    items: tuple[Item, ...]
    criteria: tuple[Criterion, ...]
    documents: tuple[Document, ...]


class TenderSummary(Answer, frozen=True):
    id: str
    title: str
    buyer: str
    phase: str
    value: Money
    deadline: datetime | None


class TenderPage(Answer, frozen=True):
    tenders: tuple[TenderSummary, ...]
    next: str


class Question(Answer, frozen=True):
    """`answer` is "" while it waits."""

    id: str
    number: int
    text: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
