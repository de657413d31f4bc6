"""What was proposed after an outage, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class ProposalRow(Table):
    """One deadline of a tender; of two about the same one the first is decided. `evidence` are the outages that were
    known then, in official time; `weighed` the spans of real time that they and later ones covered, as it was known
    when it was decided. Decided once."""

    __tablename__ = "outage_proposal"
    __table_args__ = (
        Index("outage_proposal_waiting", "tender_id", postgresql_where=text("decided_at IS NULL")),
        Index(
            "outage_proposal_open", "tender_id", "deadline", unique=True, postgresql_where=text("decided_at IS NULL")
        ),
    )

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    deadline: Mapped[datetime] = mapped_column(primary_key=True)
    later: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(Integer)
    evidence: Mapped[list[Any]]
    proposed_at: Mapped[datetime] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"))
    taken: Mapped[bool | None]
    weighed: Mapped[list[Any] | None]
    reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
