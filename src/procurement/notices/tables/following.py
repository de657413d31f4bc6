"""Who follows what, and what they were told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table


class FollowRow(Table):
    """`target` is a tender's or buyer's id, or a search in its normal form; `organisation` the one acted for."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("person", "kind", "target"),
        Index("follow_target", "kind", "target"),
        Index("follow_organisation", "organisation", postgresql_where=text("organisation IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str]
    target: Mapped[str]
    often: Mapped[str]
    since: Mapped[datetime]


class NewsRow(Table):
    """One fact for one person, through the follow that asked soonest. `mail` is the letter that told it."""

    __tablename__ = "news"
    __table_args__ = (
        UniqueConstraint("record_id", "person"),
        Index("news_person", "person", "id"),
        Index("news_follow", "follow"),
        Index("news_mail", "mail", postgresql_where=text("mail IS NOT NULL")),
        Index("news_waiting", "often", "at", postgresql_where=text("mail IS NULL AND often IN ('daily', 'weekly')")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    follow: Mapped[str] = mapped_column(ForeignKey("follow.id", ondelete="CASCADE"))
    record_id: Mapped[int] = mapped_column(ForeignKey("ledger_record.id"))
    tender: Mapped[str] = mapped_column(ForeignKey("tender.id"))
    what: Mapped[str]
    often: Mapped[str]
    at: Mapped[datetime]
    mail: Mapped[str | None] = mapped_column(ForeignKey("mail_copy.id"))


class CalendarFeed(Table):
    """A secret address for a calendar program: of a person's follows, or of an organisation's where one is named."""

    __tablename__ = "calendar_feed"
    __table_args__ = (Index("calendar_feed_person", "person"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.id"))
    organisation: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
