"""Charges, payments and what leaves: refunds, forfeitures, disputes. Amounts are minor units of `currency`.

The figures of a charge and of a payment change under their row's lock; the database refuses to promise more than there
is. Moments are legal time.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class ChargeRow(Table):
    """`promised` to `disputed` are parts of `paid`; see rules.charges.Figures."""

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("purpose", "subject", "payer"),
        CheckConstraint("paid >= promised + keeping + returned + kept + disputed"),
        Index("charge_payer", "payer", "asked_at"),
        Index("charge_asked", "asked_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    subject: Mapped[str]
    process: Mapped[str]
    title: Mapped[str]
    payer: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    payee: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    amount: Mapped[int]
    currency: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    asked_at: Mapped[datetime]
    due: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    paid: Mapped[int] = mapped_column(default=0)
    promised: Mapped[int] = mapped_column(default=0)
    keeping: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    disputed: Mapped[int] = mapped_column(default=0)


class PaymentRow(Table):
    """Money that came in, once for each `external` id of its channel. `claimed` is what refunds and disputes ask of it,
    `returned` what they took. `charge_id` is null until somebody finds what it was for."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("channel", "external"),
        CheckConstraint("amount >= claimed + returned"),
        Index("payment_charge", "charge_id"),
        Index("payment_unmatched", "received_at", "id", postgresql_where=text("charge_id IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    charge_id: Mapped[str | None] = mapped_column(ForeignKey("charge.id"))
    channel: Mapped[str]
    external: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    paid_at: Mapped[datetime]
    received_at: Mapped[datetime]
    matched_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    matched_at: Mapped[datetime | None]
    claimed: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)


class RefundRow(Table):
    """`people` is how many have to decide. `asked_by` is null where a rule ordered it."""

    __tablename__ = "refund"
    __table_args__ = (
        Index("refund_payment", "payment_id"),
        Index("refund_charge", "charge_id"),
        Index("refund_external", "external", unique=True, postgresql_where=text("external <> ''")),
        Index(
            "refund_open",
            "asked_at",
            "id",
            postgresql_where=text("sent_at IS NULL AND refused_at IS NULL AND failed_at IS NULL"),
        ),
        Index("refund_failed", "failed_at", "id", postgresql_where=text("failed_at IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    charge_id: Mapped[str | None] = mapped_column(ForeignKey("charge.id"))
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"))
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    basis: Mapped[str]
    people: Mapped[int] = mapped_column(Integer)
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    refused_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    refused_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(default="")
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
    external: Mapped[str] = mapped_column(default="")


class ForfeitureRow(Table):
    """What is to be kept of a charge: asked by one person, decided by another."""

    __tablename__ = "forfeiture"
    __table_args__ = (
        Index("forfeiture_charge", "charge_id"),
        Index(
            "forfeiture_waiting",
            "asked_at",
            "id",
            postgresql_where=text("approved_at IS NULL AND refused_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    charge_id: Mapped[str] = mapped_column(ForeignKey("charge.id"))
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    basis: Mapped[str]
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    refused_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    refused_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(default="")


class DisputeRow(Table):
    """A payment that its payer's bank took back. `covered` is what of it the treasury still owed and so set aside."""

    __tablename__ = "dispute"
    __table_args__ = (
        Index("dispute_payment", "payment_id"),
        Index("dispute_open", "opened_at", "id", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    external: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.id"))
    amount: Mapped[int]
    currency: Mapped[str]
    covered: Mapped[int]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    won: Mapped[bool | None]
