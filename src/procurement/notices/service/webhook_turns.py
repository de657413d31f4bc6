"""Whose turn it is: an endpoint is leased to one worker, gets its next message, and what became of it is noted.

Each function is one short transaction; the call itself happens between two of them. A worker that is killed leaves a
lease that runs out, and the message is sent again under the same id. The position moves only after an answer, so
nothing is missed, and one endpoint has one message under way, so they arrive in order.
"""

import secrets
from datetime import timedelta

import msgspec
from sqlalchemy import and_, delete, select
from sqlalchemy.dialects.postgresql import insert

from procurement.infra import mail
from procurement.infra.ledger import feed
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.notices.rules import webhook as rules
from procurement.notices.rules.inbox import Kind
from procurement.notices.rules.webhook import Event, Outcome, Subject, Wanted, WebhookSwitchedOff, What
from procurement.notices.service import delivering
from procurement.notices.service.webhooks import secrets as signing
from procurement.notices.tables.inbox import InboxMessage
from procurement.notices.tables.webhook import WebhookDelivery, WebhookRow

LEASE = timedelta(seconds=30)  # longer than the longest call
LOOK = 500  # entries of the log that are looked through at once
KEPT = 100  # messages of an endpoint that are remembered


class Turn(msgspec.Struct, frozen=True):
    """The right to serve one endpoint until the lease runs out."""

    webhook: str
    lease: str


class Message(msgspec.Struct, frozen=True):
    """What is sent, and with what it is signed; `after` is the position from which it was found."""

    id: str
    url: str
    event: Event
    secrets: list[str]
    after: int


async def take(tx: Tx, most: int) -> list[Turn]:
    """At most `most` endpoints for which something waits and which nobody serves, the longest waiting first."""
    head = await feed.head(tx.session)
    running = and_(WebhookRow.paused_at.is_(None), WebhookRow.off_at.is_(None), WebhookRow.next_at <= tx.real_now)
    waits = (running & (WebhookRow.position < head)) | WebhookRow.test_asked_at.is_not(None)
    free = select(WebhookRow).where(waits, WebhookRow.leased_until <= tx.real_now)
    rows = await tx.session.scalars(
        free.order_by(WebhookRow.leased_until).limit(most).with_for_update(skip_locked=True)
    )
    turns = []
    for row in rows:
        row.lease, row.leased_until = new_id(), tx.real_now + LEASE
        turns.append(Turn(row.id, row.lease))
    return turns


async def next_message(tx: Tx, turn: Turn) -> Message | None:
    """What the endpoint is to be sent now. Nothing: the turn is over."""
    row = await _leased(tx, turn)
    if row is None:
        return None
    found = await _next(tx, row)
    row.leased_until = tx.real_now + LEASE if found else tx.real_now
    return found


async def note(tx: Tx, turn: Turn, message: Message, outcome: Outcome) -> bool:
    """Remember how an attempt ended; whether the turn goes on."""
    await _remember(tx, turn.webhook, message, outcome)
    row = await _leased(tx, turn)
    if row is None:
        return False
    if message.event.data.index is None:
        row.test_asked_at = None
        return True
    if row.position != message.after:
        return True  # replayed during the call: it goes on from where its owner wants it
    if outcome.delivered:
        row.position, row.failures, row.failing_since = message.event.data.index, 0, None
        return True
    row.failures, row.failing_since = row.failures + 1, row.failing_since or tx.real_now
    row.leased_until = tx.real_now
    await _wait_or_switch_off(tx, row, outcome)
    return False


async def give_back(tx: Tx, turn: Turn) -> None:
    """End a turn although more may wait: others come first."""
    if row := await _leased(tx, turn):
        row.leased_until = tx.real_now


async def _leased(tx: Tx, turn: Turn) -> WebhookRow | None:
    """The endpoint, unless it was removed or taken by another worker in the meantime."""
    query = select(WebhookRow).where(WebhookRow.id == turn.webhook, WebhookRow.lease == turn.lease)
    return await tx.session.scalar(query.with_for_update())


async def _next(tx: Tx, row: WebhookRow) -> Message | None:
    if row.test_asked_at:
        about = Subject(None, rules.TEST, "", row.organisation)
        return await _message(tx, row, rules.trial_id(row.id, row.test_asked_at), Event(rules.TEST, tx.now, about))
    if row.paused_at or row.off_at or row.next_at > tx.real_now:
        return None
    wanted = Wanted(What(row.what), row.process, tuple(row.types))
    for change in await feed.changes(tx.session, row.position, LOOK):
        if change.at and wanted.includes(row.organisation, change.type, change.process, change.organisation):
            about = Subject(change.index, change.type, change.process, change.organisation)
            event = Event(change.type, change.at, about)
            return await _message(tx, row, rules.message_id(row.id, change.index), event)
        row.position = change.index
    return None


async def _message(tx: Tx, row: WebhookRow, message_id: str, event: Event) -> Message:
    return Message(message_id, row.url, event, await signing(tx, row.id), row.position)


async def _wait_or_switch_off(tx: Tx, row: WebhookRow, outcome: Outcome) -> None:
    assert row.failing_since
    # Jitter needs no secrecy, but the one source of chance here is enough.
    again = rules.next_attempt(row.failures, row.failing_since, tx.real_now, secrets.randbelow(1000) / 1000)
    if again and outcome.status != rules.GONE:
        row.next_at = again
        return
    row.off_at, row.off_reason = tx.real_now, "undelivered" if again is None else "gone"
    fact = WebhookSwitchedOff(webhook=row.id, organisation=row.organisation, reason=row.off_reason)
    await tx.record(fact, organisation=row.organisation)
    await _tell(tx, row)


async def _tell(tx: Tx, row: WebhookRow) -> None:
    """A message in the organisation's inbox, with its copies by mail."""
    title, body = mail.outgoing().words("notices/inbox/webhook", url=row.url, reason=row.off_reason)
    link, message = f"/organisation/webhooks/{row.id}", new_id()
    letter = {"organisation": row.organisation, "kind": Kind.WEBHOOK, "title": title, "body": body, "link": link}
    await tx.session.execute(insert(InboxMessage).values(id=message, delivered_at=tx.now, **letter))
    await delivering.copy(tx, {message: row.organisation})


async def _remember(tx: Tx, webhook_id: str, message: Message, outcome: Outcome) -> None:
    """One row for each message, and of each endpoint the last hundred."""
    there = select(WebhookRow.id).where(WebhookRow.id == webhook_id).with_for_update(read=True, key_share=True)
    if await tx.session.scalar(there) is None:
        return  # removed while the call was under way
    tried = {
        "last_at": tx.real_now, "status": outcome.status, "problem": outcome.problem, "excerpt": outcome.excerpt,
        "delivered_at": tx.real_now if outcome.delivered else None,
    }  # fmt: skip
    first = {
        "webhook": webhook_id, "message": message.id, "event_index": message.event.data.index,
        "type": message.event.type, "attempts": 1, "first_at": tx.real_now,
    }  # fmt: skip
    again = {**tried, "attempts": WebhookDelivery.attempts + 1}
    made = insert(WebhookDelivery).values(**first, **tried)
    await tx.session.execute(made.on_conflict_do_update(index_elements=["webhook", "message"], set_=again))
    own = select(WebhookDelivery.message).where(WebhookDelivery.webhook == webhook_id)
    old = own.order_by(WebhookDelivery.last_at.desc()).offset(KEPT)
    await tx.session.execute(
        delete(WebhookDelivery).where(WebhookDelivery.webhook == webhook_id, WebhookDelivery.message.in_(old))
    )
