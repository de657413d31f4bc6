"""Questions and answers. Append-only."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class QuestionRow(Table):
    """`text` is what the supplier wrote; the public reads the answer's wording of it."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("tender_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    number: Mapped[int]
    supplier_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    text: Mapped[str]


class AnswerRow(Table):
    """`question_text` is the question as published: the officer takes out what would tell who asked."""

    __tablename__ = "answer"

    question_id: Mapped[str] = mapped_column(ForeignKey("question.id"), primary_key=True)
    answered_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime]
    question_text: Mapped[str]
    text: Mapped[str]
