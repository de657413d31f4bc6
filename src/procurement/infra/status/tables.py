"""What is remembered of the service's own state."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class Availability(Table):
    """What one observer saw of one part on one day (UTC), counted. `source` is "service" or an outside prober."""

    __tablename__ = "availability"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    component: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    good: Mapped[int]
    bad: Mapped[int]
    last_at: Mapped[datetime]
    last_good: Mapped[bool] = mapped_column(Boolean)


class OutageRow(Table):
    """One observer saw one part away, or (`silent`) did not look at all. Real time."""

    __tablename__ = "outage"
    __table_args__ = (
        Index("outage_running", "component", "source", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("outage_began", "began_at"),
        Index("outage_ended", "ended_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    component: Mapped[str]
    source: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    silent: Mapped[bool] = mapped_column(Boolean)


class SightingRow(Table):
    """From the first look of one observer that found one part working to the last before a bad one, or before a pause.
    Real time."""

    __tablename__ = "sighting"
    __table_args__ = (Index("sighting_ended", "ended_at"), Index("sighting_by_source", "source", "ended_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    component: Mapped[str]
    source: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]


class Incident(Table):
    """Something that went wrong or was announced, in one part or, with "", in all."""

    __tablename__ = "incident"
    __table_args__ = (Index("incident_began", "began_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    component: Mapped[str]
    title: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class IncidentNote(Table):
    """What administrators wrote about it, never changed afterwards."""

    __tablename__ = "incident_note"
    __table_args__ = (Index("incident_note_incident", "incident", "at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"))
    text: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
