"""What we keep of key holders: public keys, challenges, rosters. Triggers of migration 0032 keep what is final."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class HolderRow(Table):
    """A person's key in an organisation; one at a time. `reason` is "" until it ends."""

    __tablename__ = "key_holder"
    __table_args__ = (
        Index("key_holder_now", "person_id", "organisation", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("key_holder_organisation", "organisation", "enrolled_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    office: Mapped[str]
    age: Mapped[str] = mapped_column(unique=True)
    sign: Mapped[str] = mapped_column(unique=True)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    enrolled_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]


class ChallengeRow(Table):
    """A challenge made for a key: `sealed` is the age file, `answer` the SHA-256 of what is inside. `subject` is ""
    where no tender asked for it."""

    __tablename__ = "holder_challenge"
    __table_args__ = (
        Index("holder_challenge_holder", "holder_id", "asked_at"),
        Index("holder_challenge_asked", "asked_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    holder_id: Mapped[str] = mapped_column(ForeignKey("key_holder.id"))
    subject: Mapped[str]
    sealed: Mapped[bytes]
    answer: Mapped[str]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class RosterRow(Table):
    """Who holds the second lock of `subject`. Chosen anew while it is not frozen; `quorum` of them open."""

    __tablename__ = "roster"
    __table_args__ = (
        Index("roster_awaited", "opening_at", postgresql_where=text("frozen_at IS NOT NULL AND ended_at IS NULL")),
        Index("roster_buyer", "buyer"),
    )

    subject: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    buyer: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str]
    level: Mapped[str]
    quorum: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str]
    content: Mapped[bytes]
    asked_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    opening_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SeatRow(Table):
    """A holder's place in a roster, and the signature over it, "" before."""

    __tablename__ = "roster_seat"
    __table_args__ = (UniqueConstraint("subject", "holder_id"), Index("roster_seat_holder", "holder_id"))

    subject: Mapped[str] = mapped_column(ForeignKey("roster.subject"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    holder_id: Mapped[str] = mapped_column(ForeignKey("key_holder.id"))
    signature: Mapped[str]
    signed_at: Mapped[datetime | None]


class CallRow(Table):
    """What was told about the proofs before an opening, once for each moment that it was set to."""

    __tablename__ = "roster_call"

    subject: Mapped[str] = mapped_column(ForeignKey("roster.subject"), primary_key=True)
    opening_at: Mapped[datetime] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
