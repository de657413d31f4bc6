"""What is searched: one row for each procurement, award and organisation, derived from the releases."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import CHAR, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

UNDECIDED = text("outcome = ''")
AWARDED = text("outcome = 'awarded'")
VALUE = text("COALESCE(amount, -1::bigint)")
SAMPLE = text("(hashtext(id) & 15) = 0")  # publication/search/postgres/sample.py

Searched = Annotated[str, mapped_column(deferred=True, deferred_raiseload=True)]
Vector = Annotated[str, mapped_column(TSVECTOR, deferred=True, deferred_raiseload=True)]


class NoticeRow(Table):
    """One procurement as search and lists need it: derived from its releases, and written anew whenever they change.

    `source` is "" for ours. `outcome` is "" until it is decided; whether an undecided one is open follows from the
    deadline and the clock. Amounts are minor units. `categories` holds every prefix of every code. What is only
    searched is not loaded with a row, for it is larger than all the rest: `words` (title and names, plain), `told`
    (what else it says), `labels` (of its codes) and `broader` (of what these belong to), one a line; and `tsv`,
    made from the four.
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
        Index("notice_by_value", VALUE, "id"),
        Index("notice_by_source", "source", "published_at", "id"),
        Index("notice_tsv", "tsv", postgresql_using="gin"),
        Index("notice_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
        Index("notice_sample", "tsv", "categories", "supplier_ids", postgresql_using="gin", postgresql_where=SAMPLE),
        Index(
            "notice_sample_counted",
            "published_at",
            "id",
            postgresql_where=SAMPLE,
            postgresql_include=["source", "kind", "buyer_id", "amount", "outcome", "deadline"],
        ),
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
    words: Mapped[Searched]
    told: Mapped[Searched] = mapped_column(server_default="")
    labels: Mapped[Searched] = mapped_column(server_default="")
    broader: Mapped[Searched] = mapped_column(server_default="")
    tsv: Mapped[Vector]


class AwardRow(Table):
    """One award in force with its contract where one is signed: derived from the releases, as its notice is.

    `estimate` is what the buyer had estimated for the lot or tender, in the currency of the award; None where it
    cannot be compared. `contract_id` is "" until a contract is signed.
    """

    __tablename__ = "public_award"
    __table_args__ = (
        Index("public_award_notice", "notice_id"),
        Index("public_award_by_date", "awarded_at", "id"),
        Index("public_award_of_source", "source", "awarded_at", "id"),
        Index("public_award_by_buyer", "buyer_id", "awarded_at", "id"),
        Index("public_award_suppliers", "supplier_ids", postgresql_using="gin"),
        Index("public_award_categories", "categories", postgresql_using="gin"),
        Index("public_award_by_value", VALUE, "id"),
        Index("public_award_tsv", "tsv", postgresql_using="gin"),
        Index(
            "public_award_sample", "tsv", "categories", "supplier_ids", postgresql_using="gin", postgresql_where=SAMPLE
        ),
        Index(
            "public_award_sample_counted",
            "awarded_at",
            "id",
            postgresql_where=SAMPLE,
            postgresql_include=["source", "kind", "buyer_id", "supplier_ids", "amount", "status"],
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    notice_id: Mapped[str]
    source: Mapped[str]
    ocid: Mapped[str]
    title: Mapped[str]
    kind: Mapped[str]
    buyer_id: Mapped[str]
    buyer: Mapped[str]
    supplier_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    suppliers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    amount: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(CHAR(3))
    estimate: Mapped[int | None]
    status: Mapped[str]
    awarded_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    contract_id: Mapped[str]
    bids: Mapped[int | None] = mapped_column(Integer)
    words: Mapped[Searched]
    told: Mapped[Searched]
    labels: Mapped[Searched]
    broader: Mapped[Searched]
    tsv: Mapped[Vector]


class OrganisationRow(Table):
    """A buyer or a supplier with an award, as the releases name it: under its latest name. `bought` counts
    procurements, `won` awards; `seen_at` is the latest of them."""

    __tablename__ = "public_organisation"
    __table_args__ = (
        Index("public_organisation_by_last", "seen_at", "id"),
        Index("public_organisation_tsv", "tsv", postgresql_using="gin"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    name: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    place: Mapped[str]
    bought: Mapped[int]
    won: Mapped[int]
    seen_at: Mapped[datetime]
    words: Mapped[Searched]
    tsv: Mapped[Vector]
