"""What we remember of bids. Nothing here can be read without keys that are not here."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

OF_BIDDER = ("tender_id", "supplier_id"), ("bidder.tender_id", "bidder.supplier_id")


class Bidder(Table):
    """The row that one supplier's submissions to one tender wait for."""

    __tablename__ = "bidder"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    supplier_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)


class BidPart(Table):
    """A sealed part in the file store. Append-only."""

    __tablename__ = "bid_part"
    __table_args__ = (ForeignKeyConstraint(*OF_BIDDER),)

    tender_id: Mapped[str] = mapped_column(primary_key=True)
    supplier_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    stored_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class BidDraft(Table):
    """A bid being prepared. `box` opens only with the cookie of the browser that made it.

    `locked` is the bid identity, locked and known to nobody else, in base64; `m` of `n` members of the roster with the
    hash `roster` have to act besides the keyholder (0, 0, "" at level S1). `sealed_by` is "server" for who bids without
    scripts, "client" for the bidder's own device, and then `box` is empty. `changes` counts writes of the box.
    `bid_id` is the bid that was made of it. `financial_recipient` and `financial_locked` are of drafts that were begun
    with an earlier release, and not read: financial envelopes get their keys when they are sealed.
    """

    __tablename__ = "bid_draft"
    __table_args__ = (
        UniqueConstraint("tender_id", "supplier_id"),
        ForeignKeyConstraint(*OF_BIDDER),
        Index("bid_draft_unsubmitted", "supplier_id", "changed_at", postgresql_where=text("bid_id IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str]
    supplier_id: Mapped[str]
    started_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    recipient: Mapped[str]
    locked: Mapped[str]
    box: Mapped[bytes]
    changes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    bid_id: Mapped[str | None]
    sealed_by: Mapped[str] = mapped_column(server_default=text("'server'"))
    m: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    n: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    roster: Mapped[str] = mapped_column(server_default=text("''"))
    financial_recipient: Mapped[str] = mapped_column(server_default=text("''"))
    financial_locked: Mapped[str] = mapped_column(server_default=text("''"))


class Bid(Table):
    """A sealed bid received in time. Append-only; the database stamps `received_at` and `deadline_applied`.

    `envelope` is the canonical bytes of which `digest` is the SHA-256. `request_sha256` tells a repeated request
    from another one under the same idempotency key.
    """

    __tablename__ = "bid"
    __table_args__ = (
        UniqueConstraint("tender_id", "round", "supplier_id", "kind", "version"),
        UniqueConstraint("tender_id", "supplier_id", "idempotency_key"),
        ForeignKeyConstraint(*OF_BIDDER),
        CheckConstraint("received_at < deadline_applied"),
        Index("bid_supplier", "supplier_id", "received_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tender_id: Mapped[str]
    supplier_id: Mapped[str]
    round: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    idempotency_key: Mapped[str]
    request_sha256: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    envelope: Mapped[bytes]
    submitted_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime] = mapped_column(FetchedValue())
    deadline_applied: Mapped[datetime] = mapped_column(FetchedValue())


class BidFinancial(Table):
    """A financial envelope of a bid whose technical one `Bid` holds, of one lot or (`lot` "") of all. Append-only."""

    __tablename__ = "bid_financial"

    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    lot: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    digest: Mapped[str] = mapped_column(unique=True)
    envelope: Mapped[bytes]


class BidWithdrawal(Table):
    """A bid version taken back in time. Append-only; stamped like a bid."""

    __tablename__ = "bid_withdrawal"
    __table_args__ = (ForeignKeyConstraint(*OF_BIDDER), CheckConstraint("received_at < deadline_applied"))

    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    tender_id: Mapped[str]
    supplier_id: Mapped[str]
    withdrawn_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime] = mapped_column(FetchedValue())
    deadline_applied: Mapped[datetime] = mapped_column(FetchedValue())


class LostPart(Table):
    """A sealed part of a bid that our storage lost. `deposited_at`: since when we have it again."""

    __tablename__ = "lost_part"

    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    found_at: Mapped[datetime]
    deposited_at: Mapped[datetime | None]


class BidReceipt(Table):
    """The signed receipt as it was handed out: canonical JSON. Append-only."""

    __tablename__ = "bid_receipt"

    bid_id: Mapped[str] = mapped_column(ForeignKey("bid.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(unique=True)
    body: Mapped[bytes]


class BidClosing(Table):
    """Which bids can be opened: their number and the root of their digests. Append-only."""

    __tablename__ = "bid_closing"

    tender_id: Mapped[str] = mapped_column(ForeignKey("tender.id"), primary_key=True)
    closed_at: Mapped[datetime]
    bids: Mapped[int] = mapped_column(Integer)
    root: Mapped[str]
    record_id: Mapped[int]


class ClockWatermark(Table):
    """One row: the highest legal time seen. It only rises; a clock behind it receives nothing."""

    __tablename__ = "clock_watermark"

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    at: Mapped[datetime]
