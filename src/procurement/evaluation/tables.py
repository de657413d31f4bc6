"""What we remember of evaluations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class EvaluationRow(Table):
    """One tender's evaluation. `ranking` holds the `Ranked` values of the result, frozen at the conclusion."""

    __tablename__ = "evaluation"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    started_at: Mapped[datetime]
    concluded_at: Mapped[datetime | None]
    concluded_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ranking: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    report_sha256: Mapped[str] = mapped_column(server_default=text("''"))


class EvaluatorRow(Table):
    """An appointment. `statement` describes a conflict of interest and may be erased."""

    __tablename__ = "evaluator"
    __table_args__ = (
        Index("evaluator_chair", "tender_id", unique=True, postgresql_where=text("chair AND dismissed_at IS NULL")),
        Index("evaluator_person", "person_id", "appointed_at", postgresql_where=text("dismissed_at IS NULL")),
    )

    tender_id: Mapped[str] = mapped_column(ForeignKey("evaluation.tender_id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    chair: Mapped[bool]
    appointed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    appointed_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    declared_at: Mapped[datetime | None]
    conflict: Mapped[bool] = mapped_column(default=False)
    statement: Mapped[str] = mapped_column(default="")
    locked_at: Mapped[datetime | None]
    sheet_sha256: Mapped[str] = mapped_column(default="")


class TechnicalResultRow(Table):
    """Where prices are opened after it: that the technical evaluation is complete, as the chair proposed and somebody
    else decided. A proposal that is sent back goes; a decision stands."""

    __tablename__ = "technical_result"

    tender_id: Mapped[str] = mapped_column(ForeignKey("evaluation.tender_id"), primary_key=True)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class ComplianceRow(Table):
    __tablename__ = "compliance"

    tender_id: Mapped[str] = mapped_column(ForeignKey("evaluation.tender_id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    compliant: Mapped[bool]
    reason: Mapped[str]
    decided_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]


class ScoreRow(Table):
    """One cell of one evaluator's sheet; the database refuses to change it once the sheet is locked."""

    __tablename__ = "score"
    __table_args__ = (ForeignKeyConstraint(["tender_id", "person_id"], ["evaluator.tender_id", "evaluator.person_id"]),)

    tender_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    criterion_id: Mapped[str] = mapped_column(ForeignKey("criterion.id"), primary_key=True)
    value: Mapped[int | None]
    comment: Mapped[str]


class ConsensusRow(Table):
    __tablename__ = "consensus"

    tender_id: Mapped[str] = mapped_column(ForeignKey("evaluation.tender_id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    criterion_id: Mapped[str] = mapped_column(ForeignKey("criterion.id"), primary_key=True)
    score: Mapped[int]
    reason: Mapped[str]
    agreed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime]


class LowPriceRow(Table):
    """An abnormally low price: asked, answered, decided. `lot` is "" where there are none."""

    __tablename__ = "low_price"

    tender_id: Mapped[str] = mapped_column(ForeignKey("evaluation.tender_id"), primary_key=True)
    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True)
    question: Mapped[str]
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
