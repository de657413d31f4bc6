"""Whoever may read the inbox of the organisation: official messages that nobody there has opened."""

from procurement.desks.rules.model import Desk, Duty, Viewer, What
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.notices.service import inbox


async def part(tx: Tx, viewer: Viewer) -> Desk:
    if P.INBOX_READ not in viewer.may:
        return Desk()
    waiting = await inbox.unread(tx, tx.actor.organisation)
    if not waiting.count:
        return Desk()
    return Desk(duties=(Duty(what=What.MESSAGES, title="", path="/inbox", since=waiting.since, count=waiting.count),))
