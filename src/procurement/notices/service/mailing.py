"""Sending copies: each waiting letter is claimed, written, sent and marked; nothing confidential is ever in one.

A letter may go out twice when a worker is killed between sending and committing: it then has the same Message-ID.
"""

import smtplib
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text

from procurement.identity import service as identity
from procurement.identity.service.mailing import Address, addresses
from procurement.infra.mail import Mail, Travel
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.notices.service.bounces import bounced, bouncing
from procurement.notices.service.following import as_news
from procurement.notices.tables.following import FollowRow, NewsRow
from procurement.notices.tables.inbox import InboxMessage
from procurement.notices.tables.mail import WAITING, MailCopy

MAILER = system("notices")
BATCH = 20  # letters claimed at once: as many may go out twice after a crash
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 80  # about three days of a mail server that does not take a letter
REFUSED_FOR_GOOD = range(500, 600)  # RFC 5321, 4.2.1
NOBODY_THERE = "no address that takes letters"


async def send_waiting(database: Database, post: Mail) -> int:
    """Send the letters that are due, a batch in a transaction; returns how many were looked at."""
    async with database.begin(MAILER) as tx:
        due = MailCopy.due_at <= text("clock_timestamp()")
        query = select(MailCopy).where(WAITING, due).order_by(MailCopy.due_at, MailCopy.id).limit(BATCH)
        waiting = list(await tx.session.scalars(query.with_for_update(skip_locked=True)))
        known = await addresses(tx, {one.person for one in waiting})
        refusing = await bouncing(tx, known)
        for one in waiting:
            to = known.get(one.person)
            if to is None or (one.person in refusing and one.kind != "confirm"):
                one.failed_at, one.problem = tx.real_now, NOBODY_THERE
            else:
                await _try(tx, post, one, to)
    return len(waiting)


async def _try(tx: Tx, post: Mail, one: MailCopy, to: Address) -> None:
    """Send one letter. What the server refuses for good ends it; anything else is tried again, later each time."""
    template, words = await _written(tx, post, one)
    if not template:  # what it was about is no longer there
        one.failed_at = tx.real_now
        return
    travel = Travel(id=one.id, unsubscribe=str(words.get("stop", "")))
    try:
        await post.send(to.email, template, tx.real_now, travel=travel, name=to.name, **words)
    except smtplib.SMTPRecipientsRefused as no:
        [(code, _)] = no.recipients.values()
        if code in REFUSED_FOR_GOOD:
            await bounced(tx, one, to.email, str(code))
        else:
            _again(tx, one, f"refused for now: {code}")
    except (OSError, smtplib.SMTPException) as failed:
        _again(tx, one, type(failed).__name__)
    else:
        one.sent_at, one.problem = tx.real_now, ""


def _again(tx: Tx, one: MailCopy, problem: str) -> None:
    """The problem is kept without the server's words: they may hold an address."""
    one.attempts, one.problem = one.attempts + 1, problem
    if one.attempts >= MOST_ATTEMPTS:
        one.failed_at = tx.real_now
    one.due_at = tx.real_now + min(timedelta(seconds=2 ** min(one.attempts, 12)), LONGEST_PAUSE)


async def _written(tx: Tx, post: Mail, one: MailCopy) -> tuple[str, dict[str, Any]]:
    """The template of a letter and its words; "" when there is nothing to say any more."""
    if one.kind == "message":
        return await _of_message(tx, post, str(one.message))
    if one.kind == "confirm":
        return "notices/mail/confirm", {"link": f"{post.base_url}/mail/confirm/{one.id}"}
    rows = list(await tx.session.scalars(select(NewsRow).where(NewsRow.mail == one.id).order_by(NewsRow.id)))
    told = await as_news(tx, rows)
    if not told:
        return "", {}
    often = await tx.session.scalar(select(FollowRow.often).where(FollowRow.id == rows[0].follow))
    stop = {"stop": f"{post.base_url}/api/v1/unsubscribe/{one.id}", "page": f"{post.base_url}/unsubscribe/{one.id}"}
    return f"notices/mail/{one.kind}", {"news": told, "often": often, **stop}


async def _of_message(tx: Tx, post: Mail, message_id: str) -> tuple[str, dict[str, Any]]:
    """Only that there is a message, for whom and where: what it says may concern nobody who reads mail on its way."""
    row = (await tx.session.execute(select(InboxMessage).where(InboxMessage.id == message_id))).scalar_one()
    name = (await identity.organisation(tx, row.organisation)).name
    link = f"{post.base_url}/inbox/{row.id}"
    return "notices/mail/message", {"organisation": name, "link": link, "hurry": row.kind == "draft"}
