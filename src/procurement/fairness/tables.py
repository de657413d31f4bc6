"""What was proposed after an outage, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class ProposalRow(Table):
    """One tender and one deadline of it. `evidence` are the outages that were known then. Decided once."""

    __tablename__ = "outage_proposal"
    __table_args__ = (Index("outage_proposal_waiting", "tender_id", postgresql_where=text("decided_at IS NULL")),)

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    deadline: Mapped[datetime] = mapped_column(primary_key=True)
    later: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(Integer)
    evidence: Mapped[list[Any]]
    proposed_at: Mapped[datetime]
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"))
    taken: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
