"""What we remember of awards."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class AwardRow(Table):
    """A proposal, and the award once approved. `reasons` maps each bidder to the words of its letter."""

    __tablename__ = "award"
    __table_args__ = (
        Index("award_standing", "tender_id", "lot", unique=True, postgresql_where=text("returned_at IS NULL")),
        Index("award_supplier", "supplier_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    lot: Mapped[str]
    bid_id: Mapped[str | None] = mapped_column(ForeignKey("bid.id"))
    supplier_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    price_amount: Mapped[int | None]
    price_currency: Mapped[str | None]
    reason: Mapped[str]
    proposed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    announced_at: Mapped[datetime | None]
    standstill_ends: Mapped[datetime | None]
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    returned_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(default="")


class HoldRow(Table):
    """Why an award cannot become final. The actors are named as in the ledger."""

    __tablename__ = "award_hold"
    __table_args__ = (Index("award_hold_award", "award_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    award_id: Mapped[str] = mapped_column(ForeignKey("award.id"))
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str] = mapped_column(default="")
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(default="")
