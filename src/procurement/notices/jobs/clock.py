"""What the clock starts: digests, warnings, and the letters that wait. If it never runs, the inbox still has
everything that is official."""

from functools import cache
from zoneinfo import ZoneInfo

from procurement.infra import mail
from procurement.infra.tx import Database
from procurement.notices.rules.digest import latest_due
from procurement.notices.service.mailing import BATCH, MAILER, send_waiting
from procurement.notices.service.news import queue_digest
from procurement.notices.service.warning import warn
from procurement.settings import Settings


@cache
def _settings() -> Settings:
    """A worker has the same settings for as long as it runs."""
    return Settings.read()


async def remind(database: Database) -> None:
    """Queue the digests whose hour has come, and warn of drafts that fall due. Legal time counts.

    While the service is read-only both wait: nobody could do what a warning asks for. The nearest is sent afterwards.
    """
    settings = _settings()
    zone = ZoneInfo(settings.official_timezone)
    async with database.begin(MAILER) as tx:
        if tx.read_only:
            return
        await queue_digest(tx, "daily", latest_due(tx.now, "daily", settings.digest_hour, zone))
        await queue_digest(tx, "weekly", latest_due(tx.now, "weekly", settings.digest_hour, zone))
        await warn(tx, settings.warnings)


async def post_letters(database: Database) -> None:
    """Send what waits, until nothing does."""
    while await send_waiting(database, mail.outgoing()) == BATCH:
        pass
