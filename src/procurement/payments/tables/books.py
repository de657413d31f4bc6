"""The books. Append-only; the database refuses, at commit, an entry whose postings do not sum to zero per currency."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class BookEntry(Table):
    """One event. `key` names it, so that it is booked once; `at` is from when the money counts, in legal time; the
    ledger record says when it was booked."""

    __tablename__ = "book_entry"
    __table_args__ = (Index("book_entry_at", "at", "id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)


class BookPosting(Table):
    """Minor units: a debit above zero, a credit below."""

    __tablename__ = "book_posting"
    __table_args__ = (Index("book_posting_account", "account", "party"),)

    entry: Mapped[int] = mapped_column(ForeignKey("book_entry.id"), primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(primary_key=True)
    party: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(primary_key=True)
