"""Letters that wait or went, and addresses that refused them. No address stands here."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

WAITING = text("sent_at IS NULL AND failed_at IS NULL")


class MailCopy(Table):
    """One letter to one person; all times are real ones. Its id is its Message-ID and where refusals return."""

    __tablename__ = "mail_copy"
    __table_args__ = (
        CheckConstraint("(kind = 'message') = (message IS NOT NULL)"),
        Index("mail_copy_waiting", "due_at", "id", postgresql_where=WAITING),
        Index("mail_copy_person", "person"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    message: Mapped[str | None] = mapped_column(ForeignKey("inbox_message.id"))
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    problem: Mapped[str] = mapped_column(server_default=text("''"))
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]


class MailBounce(Table):
    """An address, by its SHA-256, that refused a letter for good, until its owner shows that it works again."""

    __tablename__ = "mail_bounce"
    __table_args__ = (
        Index("mail_bounce_now", "person", "address_sha256", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    address_sha256: Mapped[bytes]
    status: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
