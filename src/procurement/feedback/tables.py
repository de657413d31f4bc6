"""What visitors told us about the pages, and what was answered."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class Feedback(Table):
    """One message. Its id is the secret by which its sender finds the answer; an answer never changes. Real time."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index("feedback_waiting", "due_at", "id", postgresql_where=text("answered_at IS NULL")),
        Index("feedback_answered", "answered_at", "id", postgresql_where=text("answered_at IS NOT NULL")),
        Index("feedback_received", "received_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str]
    text: Mapped[str]
    page: Mapped[str]
    email: Mapped[str]
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
