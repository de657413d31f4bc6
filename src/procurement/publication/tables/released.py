"""What was published: our releases, other publishers' releases, and the sums of our awards."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CHAR, Date, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


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
