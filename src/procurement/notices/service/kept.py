"""How long notices keep what was told, and what goes with a person who is erased.

Official messages, and when they were first opened, stay: they are the proof of what was delivered.
"""

from sqlalchemy import Text, cast, delete, func, select

from procurement.infra.retained import row_class
from procurement.infra.tx import Tx
from procurement.notices.tables.following import CalendarFeed, FollowRow, NewsRow
from procurement.notices.tables.inbox import DraftWarning
from procurement.notices.tables.mail import MailBounce, MailCopy
from procurement.notices.tables.webhook import WebhookDelivery, WebhookRow

RETAINED = (
    row_class(
        "news",
        NewsRow,
        cast(NewsRow.id, Text),
        lambda cutoff: NewsRow.at < cutoff,
        legal=True,
        process=NewsRow.tender,
        person=NewsRow.person,
    ),
    row_class(
        "letters",
        MailCopy,
        MailCopy.id,
        lambda cutoff: (
            (func.coalesce(MailCopy.sent_at, MailCopy.failed_at) < cutoff)
            & ~select(NewsRow.id).where(NewsRow.mail == MailCopy.id).exists()
        ),
        person=MailCopy.person,
    ),
    row_class(
        "returned-letters",
        MailBounce,
        MailBounce.id,
        lambda cutoff: MailBounce.ended_at < cutoff,
        person=MailBounce.person,
    ),
    row_class(
        "calendar-addresses",
        CalendarFeed,
        CalendarFeed.id,
        lambda cutoff: CalendarFeed.revoked_at < cutoff,
        legal=True,
        person=CalendarFeed.person,
    ),
    row_class(
        "draft-warnings",
        DraftWarning,
        DraftWarning.message,
        lambda cutoff: DraftWarning.deadline < cutoff,
        legal=True,
        process=DraftWarning.tender,
        organisation=DraftWarning.organisation,
    ),
    row_class(
        "webhook-deliveries",
        WebhookDelivery,
        WebhookDelivery.webhook + " " + WebhookDelivery.message,
        lambda cutoff: WebhookDelivery.last_at < cutoff,
        organisation=select(WebhookRow.organisation).where(WebhookRow.id == WebhookDelivery.webhook).scalar_subquery(),
    ),
)


async def forget(tx: Tx, person: str) -> None:
    """What somebody followed, was told, and was written; their addresses for calendars. Again changes nothing."""
    for table in (FollowRow, NewsRow, MailCopy, MailBounce, CalendarFeed):  # news go before their letters
        await tx.session.execute(delete(table).where(table.person == person))
