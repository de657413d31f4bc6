"""What is remembered of webhooks. Times are real ones: the legal clock of a sandbox moves no delivery."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class WebhookRow(Table):
    """An endpoint, how far it has been served in the log, and which worker is serving it just now."""

    __tablename__ = "webhook"
    __table_args__ = (UniqueConstraint("organisation", "url"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    url: Mapped[str]
    what: Mapped[str]
    process: Mapped[str]
    types: Mapped[list[Any]]
    position: Mapped[int]
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    off_at: Mapped[datetime | None]
    off_reason: Mapped[str]
    failures: Mapped[int] = mapped_column(Integer)
    failing_since: Mapped[datetime | None]
    next_at: Mapped[datetime]
    test_asked_at: Mapped[datetime | None]
    lease: Mapped[str]
    leased_until: Mapped[datetime]


class WebhookSecret(Table):
    """What signs. It must be readable, since a signature is made with it; nothing else reads this table."""

    __tablename__ = "webhook_secret"

    webhook: Mapped[str] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class WebhookDelivery(Table):
    """The last messages of an endpoint; `event_index` is null for a test event."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("webhook_delivery_last", "webhook", "last_at"),)

    webhook: Mapped[str] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True)
    message: Mapped[str] = mapped_column(primary_key=True)
    event_index: Mapped[int | None]
    type: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    status: Mapped[int] = mapped_column(Integer)
    problem: Mapped[str]
    excerpt: Mapped[str]
