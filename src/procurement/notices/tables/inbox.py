"""Official messages: what was delivered, and who opened it first. Append-only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class InboxMessage(Table):
    """`record_id` is the fact it tells of, `delivery_record_id` the one that commits to it; both null for a warning."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("record_id", "organisation", "kind"),
        CheckConstraint("(record_id IS NULL) = (delivery_record_id IS NULL)"),
        Index("inbox_message_organisation", "organisation", "delivered_at", "id"),
        Index("inbox_message_tender", "tender", "kind"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_record.id"))
    delivery_record_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_record.id"))
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    sender: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    tender: Mapped[str | None] = mapped_column(ForeignKey("tender.id"))
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    link: Mapped[str]
    due_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime]


class InboxReading(Table):
    """The first of the organisation to open a message. `record_id` is null where only this row may tell."""

    __tablename__ = "inbox_reading"

    message: Mapped[str] = mapped_column(ForeignKey("inbox_message.id"), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    record_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_record.id"))


class DraftWarning(Table):
    """A draft of which its owner was warned, so many hours before that deadline."""

    __tablename__ = "draft_warning"

    tender: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    deadline: Mapped[datetime] = mapped_column(primary_key=True)
    hours: Mapped[int] = mapped_column(Integer, primary_key=True)
    message: Mapped[str] = mapped_column(ForeignKey("inbox_message.id"))
