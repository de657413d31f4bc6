"""What identity remembers of organisations over the years. Private to this stage, as tables.py is.

The times of delegations, names and mergers are legal ones, because they are compared with those of recorded acts.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class FormerName(Table):
    """A name that an organisation had until a moment; it never changes."""

    __tablename__ = "former_name"

    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    name: Mapped[str]


class DelegationRow(Table):
    """A role that `giver` lends `deputy`: offered, accepted, and over when it ends or is ended."""

    __tablename__ = "delegation"
    __table_args__ = (
        Index("delegation_deputy", "deputy"),
        Index("delegation_giver", "giver"),
        Index("delegation_organisation", "organisation", "ends_at"),
        CheckConstraint("giver <> deputy"),
        CheckConstraint("ends_at > starts_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str]
    giver: Mapped[str] = mapped_column(ForeignKey("person.id"))
    deputy: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    offered_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class AccessReviewRow(Table):
    """Somebody looked at every role in an organisation, and kept or ended each. Real time."""

    __tablename__ = "access_review"
    __table_args__ = (Index("access_review_organisation", "organisation", "reviewed_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    reviewed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reviewed_at: Mapped[datetime]
    confirmed: Mapped[int]
    ended: Mapped[int]


class MotionRow(Table):
    """What one administrator proposes for another to carry out; `carried` is null while it waits.

    `email` is the new owner's ("owner"), `successor` the organisation that goes on ("merge"). Real time.
    """

    __tablename__ = "motion"
    __table_args__ = (
        Index("motion_open", "organisation", "kind", unique=True, postgresql_where=text("decided_at IS NULL")),
        CheckConstraint("email = lower(email)"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    successor: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    email: Mapped[str | None]
    evidence: Mapped[str]
    evidence_key: Mapped[bytes]
    proposed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    carried: Mapped[bool | None]


class PersonalExport(Table):
    """Everything kept about a person, as a ZIP file for that person alone; gone after a week. Real time."""

    __tablename__ = "personal_export"
    __table_args__ = (Index("personal_export_person", "person"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    content: Mapped[bytes | None]
