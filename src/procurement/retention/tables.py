"""What retention remembers: legal holds, those that were lifted too."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class LegalHoldRow(Table):
    """`about` says whose id `subject` is: "process" (a tender), "organisation" or "person". Nothing is deleted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        Index("legal_hold_standing", "about", "subject", postgresql_where=text("lifted_at IS NULL")),
        Index("legal_hold_placed", "placed_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str]
    subject: Mapped[str]
    reason: Mapped[str]
    placed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    lift_asked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lift_asked_at: Mapped[datetime | None]
    lift_reason: Mapped[str]
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
