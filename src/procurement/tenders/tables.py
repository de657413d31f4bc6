"""What we remember of tenders. Triggers of migration 0005 keep what was published as it was."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

UNDECIDED = text("state = 'open' AND settled_at IS NULL")
OF_LOT = ("lot_id", "tender_id"), ("lot.id", "lot.tender_id")


class TenderNumber(Table):
    """The last number given in a year."""

    __tablename__ = "tender_number"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class TenderRow(Table):
    """Text is "" and revision 0 until there is some; moments are null until they are known. `deposit_amount` is in the
    tender's currency, null where none is asked."""

    __tablename__ = "tender"
    __table_args__ = (
        Index("tender_buyer", "buyer_id", "id"),
        Index("tender_unpublished", "buyer_id", "id", postgresql_where=text("state IN ('draft', 'submitted')")),
        Index("tender_undecided", "buyer_id", "deadline", postgresql_where=UNDECIDED),
        Index("tender_settled", "buyer_id", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
        Index("tender_to_close", "deadline", postgresql_where=text("state = 'open' AND closed_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    ocid: Mapped[str] = mapped_column(unique=True)
    buyer_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[str]
    revision: Mapped[int]
    revision_hash: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    category: Mapped[str]
    value_amount: Mapped[int]
    value_currency: Mapped[str]
    deposit_amount: Mapped[int | None]
    procedure_name: Mapped[str]
    award_method: Mapped[str]
    contract_terms: Mapped[str]
    rulebook_id: Mapped[str | None] = mapped_column(ForeignKey("rulebook.id"))
    rulebook_sha256: Mapped[str]
    procedure: Mapped[dict[str, Any]]
    seal_level: Mapped[str]
    keyholder_recipient: Mapped[str]
    financial_recipient: Mapped[str | None]
    keyholder_key: Mapped[str | None]
    opening_keys: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    returned_reason: Mapped[str]
    published_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    question_deadline: Mapped[datetime | None]
    answer_deadline: Mapped[datetime | None]
    deadline: Mapped[datetime | None]
    opening_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str]


class LotRow(Table):
    """A part of a tender that is awarded apart. `value_amount` is in the tender's currency."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("tender_id", "number"), UniqueConstraint("id", "tender_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    number: Mapped[int]
    title: Mapped[str]
    description: Mapped[str]
    value_amount: Mapped[int | None]


class ItemRow(Table):
    """What is bought: one line of a lot's price schedule."""

    __tablename__ = "item"
    __table_args__ = (
        ForeignKeyConstraint(*OF_LOT),
        Index("item_tender", "tender_id"),
        Index("item_lot", "lot_id", "tender_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    lot_id: Mapped[str]
    number: Mapped[int]
    description: Mapped[str]
    classification_scheme: Mapped[str]
    classification_id: Mapped[str]
    classification_description: Mapped[str]
    quantity: Mapped[Decimal]
    unit: Mapped[str]
    place: Mapped[str]


class CriterionRow(Table):
    """How bids are judged; without a lot, in every lot."""

    __tablename__ = "criterion"
    __table_args__ = (
        ForeignKeyConstraint(*OF_LOT),
        Index("criterion_tender", "tender_id"),
        Index("criterion_lot", "lot_id", "tender_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    lot_id: Mapped[str | None]
    number: Mapped[int]
    name: Mapped[str]
    description: Mapped[str]
    kind: Mapped[str]
    weight: Mapped[Decimal]


class DocumentRow(Table):
    """A file of the tender; its bytes are in the file store under `sha256`."""

    __tablename__ = "tender_document"
    __table_args__ = (UniqueConstraint("tender_id", "name", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    version: Mapped[int]
    added_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class RevisionRow(Table):
    """The canonical bytes of a published revision, as they were hashed. Append-only."""

    __tablename__ = "tender_revision"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str]
    content: Mapped[bytes]
    published_at: Mapped[datetime]


class ExtensionRow(Table):
    """A later deadline that one person proposes and another approves."""

    __tablename__ = "tender_extension"
    __table_args__ = (
        Index("tender_extension_waiting", "tender_id", unique=True, postgresql_where=text("decided_at IS NULL")),
        Index("tender_extension_tender", "tender_id", "proposed_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    deadline: Mapped[datetime]
    reason: Mapped[str]
    proposed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
