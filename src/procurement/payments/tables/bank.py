"""What the bank told, and what the bank was told to pay. Amounts are minor units of `currency`."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class BankStatement(Table):
    """One file that was imported. The file itself is not kept: it names people. Append-only."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        CheckConstraint("(opening IS NULL) = (closing IS NULL)"),
        CheckConstraint("last_day >= first_day"),
        CheckConstraint("added >= 0 AND added <= lines"),
        Index("bank_statement_imported", "imported_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    format: Mapped[str]
    currency: Mapped[str]
    opening: Mapped[int | None]
    closing: Mapped[int | None]
    first_day: Mapped[date]
    last_day: Mapped[date]
    lines: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(Integer)
    imported_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime]
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)


class BankLine(Table):
    """One movement, and what became of it. Beside a proposal (`outcome` "person") nobody has settled it yet.

    `name`, `account` and `text` are personal data of whoever paid: they stand nowhere else, and end by the table of
    retention (`forgotten_at`).
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        CheckConstraint("(outcome = 'person') = (settled_at IS NULL)"),
        Index("bank_line_statement", "statement", "number"),
        Index("bank_line_day", "booked_on"),
        Index("bank_line_waiting", "booked_on", "id", postgresql_where=text("outcome = 'person'")),
        Index("bank_line_named", "bank_reference", postgresql_where=text("bank_reference <> ''")),
        Index("bank_line_payment", "payment_id", postgresql_where=text("payment_id IS NOT NULL")),
        Index("bank_line_settled", "settled_at", postgresql_where=text("forgotten_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    statement: Mapped[str] = mapped_column(ForeignKey("bank_statement.id"))
    number: Mapped[int] = mapped_column(Integer)
    identity: Mapped[str] = mapped_column(unique=True)
    booked_on: Mapped[date]
    amount: Mapped[int]
    currency: Mapped[str]
    bank_reference: Mapped[str]
    reference: Mapped[str]
    text: Mapped[str]
    end_to_end: Mapped[str]
    reversal: Mapped[bool] = mapped_column(Boolean)
    returned: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[str]
    account: Mapped[str]
    outcome: Mapped[str]
    why: Mapped[str]
    charge_id: Mapped[str | None] = mapped_column(ForeignKey("charge.id"))
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payment.id"))
    refund_id: Mapped[str | None] = mapped_column(ForeignKey("refund.id"))
    note: Mapped[str]
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]


class RefundAccount(Table):
    """Where an organisation wants its money back: a transfer cannot be sent back by itself."""

    __tablename__ = "refund_account"

    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    iban: Mapped[str]
    holder: Mapped[str]
    set_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]


class TransferBatch(Table):
    """A list of refunds that was taken to the bank. Append-only."""

    __tablename__ = "transfer_batch"
    __table_args__ = (Index("transfer_batch_made", "made_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str]
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]


class TransferOrder(Table):
    """A refund in a list: once, to this account, under this reference. Some day the account is forgotten."""

    __tablename__ = "transfer_order"
    __table_args__ = (Index("transfer_order_batch", "batch"),)

    refund_id: Mapped[str] = mapped_column(ForeignKey("refund.id"), primary_key=True)
    batch: Mapped[str] = mapped_column(ForeignKey("transfer_batch.id"))
    reference: Mapped[str] = mapped_column(unique=True)
    iban: Mapped[str]
    holder: Mapped[str]
