"""Attempts to pay by card, and what is known of the other side. Of a card nothing is ever here."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, Integer, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table

TURN = Sequence("card_turn", metadata=Table.metadata)


class CardAttempt(Table):
    """One try to pay a charge: on a payment page, or by a program. `external` is the page's or the payment's id there,
    "" until it is known; `intent` the payment's. `begun_at` and `until` are real time."""

    __tablename__ = "card_attempt"
    __table_args__ = (
        Index("card_attempt_external", "external", unique=True, postgresql_where=text("external <> ''")),
        Index("card_attempt_alone", "charge_id", unique=True, postgresql_where=text("state IN ('opening', 'open')")),
        Index("card_attempt_open", "until", postgresql_where=text("state IN ('opening', 'open')")),
    )

    charge_id: Mapped[str] = mapped_column(ForeignKey("charge.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    way: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str]
    external: Mapped[str] = mapped_column(default="")
    intent: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")
    begun_at: Mapped[datetime]
    until: Mapped[datetime]


class CardEvent(Table):
    """A notice that was taken, by its id there: whoever sends it again is answered, and nothing is done twice."""

    __tablename__ = "card_event"
    __table_args__ = (Index("card_event_received", "received_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object: Mapped[str]
    made_at: Mapped[datetime]
    received_at: Mapped[datetime]


class CardWork(Table):
    """What is to be asked of the other side: one row for each object, however many notices speak of it. `turn` grows
    with each of them, so that a row is only done when nothing came after it was begun. Moments are real time."""

    __tablename__ = "card_work"
    __table_args__ = (Index("card_work_due", "due_at"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    object: Mapped[str] = mapped_column(primary_key=True)
    turn: Mapped[int]
    since: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[str] = mapped_column(default="")


class CardDifference(Table):
    """Where our books and theirs differ. `healed`: what was missing here has been booked since."""

    __tablename__ = "card_difference"
    __table_args__ = (Index("card_difference_open", "found_at", postgresql_where=text("closed_at IS NULL")),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    object: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]
    currency: Mapped[str]
    found_at: Mapped[datetime]
    healed: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class CardReconciliation(Table):
    """A comparison that was brought to its end, of everything between two real moments there."""

    __tablename__ = "card_reconciliation"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    done_at: Mapped[datetime]
    compared: Mapped[int] = mapped_column(Integer)
    differences: Mapped[int] = mapped_column(Integer)
