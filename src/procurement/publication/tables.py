"""What the public record remembers: our releases, other publishers' releases, and one notice for each procurement."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CHAR, Date, ForeignKey, Identity, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

UNDECIDED = text("outcome = ''")
AWARDED = text("outcome = 'awarded'")


class ReleaseRow(Table):
    """One OCDS release of ours, as it was published. Append-only: what was published stays published."""

    __tablename__ = "release"
    __table_args__ = (Index("release_ocid", "ocid", "record_id"), Index("release_date", "date", "id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"), unique=True)
    ocid: Mapped[str]
    date: Mapped[datetime]
    body: Mapped[bytes]


class ImportedRelease(Table):
    """One release of another publisher, mended. `digest` is of the release as it came; `mends` keeps what was changed.

    The same publisher may give one release id to two texts: both are kept, the later one counts.
    """

    __tablename__ = "imported_release"
    __table_args__ = (UniqueConstraint("source", "ocid", "release_id", "digest"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    source: Mapped[str]
    ocid: Mapped[str]
    release_id: Mapped[str]
    digest: Mapped[bytes]
    date: Mapped[datetime]
    body: Mapped[bytes]
    mends: Mapped[list[Any]] = mapped_column(JSONB)
    at: Mapped[datetime]


class NoticeRow(Table):
    """One procurement as search and lists need it: derived from its releases, and written anew whenever they change.

    `source` is "" for ours. `outcome` is "" until it is decided; whether an undecided one is open follows from the
    deadline and the clock. Amounts are minor units. `categories` holds every prefix of every code. What is only
    searched, `words` and `tsv`, is not loaded with a row: it is larger than all the rest.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_ocid", "ocid"),
        Index("notice_by_deadline", "deadline", "id", postgresql_where=UNDECIDED),
        Index("notice_by_publication", "published_at", "id"),
        Index("notice_by_award", "awarded_at", "id", postgresql_where=AWARDED),
        Index("notice_by_award_of_source", "source", "awarded_at", "id", postgresql_where=AWARDED),
        Index("notice_by_buyer", "buyer_id", "published_at", "id"),
        Index("notice_suppliers", "supplier_ids", postgresql_using="gin"),
        Index("notice_categories", "categories", postgresql_using="gin"),
        Index("notice_tsv", "tsv", postgresql_using="gin"),
        Index("notice_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    ocid: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    kind: Mapped[str]
    buyer_id: Mapped[str]
    buyer: Mapped[str]
    supplier_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    suppliers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    amount: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(CHAR(3))
    outcome: Mapped[str]
    published_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    awarded_at: Mapped[datetime | None]
    award_amount: Mapped[int | None]
    award_currency: Mapped[str | None] = mapped_column(CHAR(3))
    bids: Mapped[int | None] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    tsv: Mapped[str] = mapped_column(TSVECTOR, deferred=True, deferred_raiseload=True)


class Spending(Table):
    """Our awards added up by month, buyer and kind, so that a chart costs the same in the tenth year as in the first.

    Amounts are minor units; `estimate` adds up what the buyers had estimated for the same awards.
    """

    __tablename__ = "spending"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    buyer_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(CHAR(3), primary_key=True)
    awards: Mapped[int]
    single: Mapped[int]
    amount: Mapped[int]
    estimate: Mapped[int]
