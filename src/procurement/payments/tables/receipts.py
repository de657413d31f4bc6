"""Receipts, and the last number of each year."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class ReceiptNumber(Table):
    """Whoever gives the next number holds this row until it is used: so none is given twice, and none is left out."""

    __tablename__ = "receipt_number"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)


class ReceiptDue(Table):
    """A payment or refund whose receipt is still to be written; the row goes when it is."""

    __tablename__ = "receipt_due"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    charge_id: Mapped[str] = mapped_column(ForeignKey("charge.id"))
    book_key: Mapped[str]
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"))


class ReceiptRow(Table):
    """One document for one payment or refund (`subject`). `name` stands on it, "" where it has the number of the
    register; `book_key` names the entry in the books, `record_id` the fact that it follows from. Append-only."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        UniqueConstraint("kind", "subject"),
        Index("receipt_payer", "payer", "issued_at"),
        Index("receipt_charge", "charge_id"),
        Index("receipt_name", "name", unique=True, postgresql_where=text("name <> ''")),
        Index("receipt_issued", "issued_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str]
    subject: Mapped[str]
    charge_id: Mapped[str] = mapped_column(ForeignKey("charge.id"))
    payer: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    amount: Mapped[int]
    currency: Mapped[str]
    book_key: Mapped[str]
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"))
    document_sha256: Mapped[str]
    document_size: Mapped[int]
    issued_at: Mapped[datetime]
