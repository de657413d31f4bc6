"""The official inbox of the organisation acted for, and what its senders may know of it."""

from datetime import datetime

import msgspec
from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.notices.rules.inbox import PROVABLE, Kind, Message, NoticeOpened
from procurement.notices.tables.inbox import InboxMessage, InboxReading
from procurement.opening import service as opening
from procurement.tenders import service as tenders

PAGE = 30  # messages on one page
MOST_UNREAD = 100  # counted; beyond it there are “more”
MOST_PROVED = 500  # deliveries on the buyer's page


class Unread(msgspec.Struct, frozen=True):
    """How many messages nobody of the organisation has opened, up to MOST_UNREAD, and since when the oldest waits."""

    count: int
    since: datetime | None


class Evidence(msgspec.Struct, frozen=True):
    """What the sender may know of one message: to whom, of what kind, when delivered, when opened (None: not yet)."""

    message: str
    organisation: str
    kind: Kind
    delivered_at: datetime
    read_at: datetime | None
    index: int | None


async def inbox(tx: Tx, before: str = "") -> tuple[list[Message], str]:
    """One page of the inbox of the organisation acted for, the newest first, and the `before` of the next, "" at the
    end. Refused("not-permitted", 403)."""
    tx.actor.must(P.INBOX_READ, of=tx.actor.organisation)
    query = _READ.where(InboxMessage.organisation == tx.actor.organisation)
    if before:
        place = select(InboxMessage.delivered_at, InboxMessage.id)
        ended = (await tx.session.execute(place.where(InboxMessage.id == before))).one_or_none()
        if ended is None:
            raise unknown("message")
        keys = InboxMessage.delivered_at, InboxMessage.id
        query = query.where(tuple_(*keys) < tuple_(*(literal(v, k.type) for v, k in zip(ended, keys, strict=True))))
    query = query.order_by(InboxMessage.delivered_at.desc(), InboxMessage.id.desc()).limit(PAGE + 1)
    found = [_message(*row) for row in (await tx.session.execute(query)).all()]
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else ""


async def message(tx: Tx, message_id: str) -> Message:
    """One message, with its words once it was opened. Refused("message-unknown", 404) also for others' messages."""
    row = (await tx.session.execute(_READ.where(InboxMessage.id == message_id))).one_or_none()
    if row is None or not tx.actor.may(P.INBOX_READ, of=row[0].organisation):
        raise unknown("message")
    return msgspec.structs.replace(_message(*row), index=await _index(tx, row[0].delivery_record_id))


async def open_message(tx: Tx, message_id: str) -> Message:
    """Open it: the first of the organisation to do so is noted, by legal time. Again changes nothing.

    It is recorded only where everybody knows that the organisation bids. Refused("message-unknown", 404),
    ("not-permitted", 403) for a program that may only read.
    """
    found = await message(tx, message_id)
    tx.actor.must(P.INBOX_OPEN, of=found.organisation)
    if found.read_at is None:
        row = {"message": found.id, "person": tx.actor.person, "at": tx.now}
        first = await tx.session.scalar(
            insert(InboxReading)
            .values(**row, record_id=await _record(tx, found))
            .on_conflict_do_nothing()
            .returning(InboxReading.message)
        )
        if first is None:
            raise Refused("already-opened", "A colleague has opened this message just now. Look again.")
    return await message(tx, message_id)


async def unread(tx: Tx, organisation: str) -> Unread:
    """For desks. Refused("not-permitted", 403)."""
    tx.actor.must(P.INBOX_READ, of=organisation)
    waiting = (
        select(InboxMessage.delivered_at)
        .outerjoin(InboxReading, InboxReading.message == InboxMessage.id)
        .where(InboxMessage.organisation == organisation, InboxReading.message.is_(None))
        .order_by(InboxMessage.delivered_at)
        .limit(MOST_UNREAD)
        .subquery()
    )
    row = (await tx.session.execute(select(func.count(), func.min(waiting.c.delivered_at)))).one()
    return Unread(row[0], row[1])


async def evidence(tx: Tx, tender_id: str) -> list[Evidence]:
    """When the letters that a buyer sent to its bidders were delivered and first opened, for those who read its awards.

    Refused("not-opened") before the opening: until then not even the buyer knows who bids. Messages of other kinds are
    never shown, as their receivers may have had no more than a draft.
    """
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.AWARD_READ, of=tender.buyer)
    held = await opening.opening(tx, tender_id)
    if held is None or held.shown_at is None:
        raise Refused(
            "not-opened", "The bids of this tender are not opened yet, so nobody knows who would be written to."
        )
    here = InboxMessage.tender == tender_id, InboxMessage.sender == tender.buyer, InboxMessage.kind.in_(PROVABLE)
    query = _READ.where(*here, InboxMessage.organisation != tender.buyer)
    rows = await tx.session.execute(
        query.order_by(InboxMessage.delivered_at.desc(), InboxMessage.id).limit(MOST_PROVED)
    )
    indexes: dict[int | None, int | None] = {}
    found = []
    for row, reading in rows:
        if row.delivery_record_id not in indexes:
            indexes[row.delivery_record_id] = await _index(tx, row.delivery_record_id)
        read_at = reading.at if reading else None
        index = indexes[row.delivery_record_id]
        found.append(Evidence(row.id, row.organisation, Kind(row.kind), row.delivered_at, read_at, index))
    return found


async def _record(tx: Tx, found: Message) -> int | None:
    """Before the opening even a hidden entry would be one more than if nobody had a draft."""
    if found.kind not in PROVABLE:
        return None
    tender = await tenders.public_tender(tx, found.tender)
    fact = NoticeOpened(message=found.id, organisation=found.organisation)
    return await tx.record(fact, process=tender.ocid, organisation=found.organisation)


async def _index(tx: Tx, record_id: int | None) -> int | None:
    """Its place in the public log, once the sequencer gave it one."""
    placed = await ledger.placed(tx.session, record_id) if record_id is not None else None
    return placed.index if placed else None


_READ: Select[InboxMessage, InboxReading] = select(InboxMessage, InboxReading).outerjoin(
    InboxReading, InboxReading.message == InboxMessage.id
)


def _message(row: InboxMessage, reading: InboxReading | None) -> Message:
    return Message(
        id=row.id,
        organisation=row.organisation,
        sender=row.sender or "",
        tender=row.tender or "",
        kind=Kind(row.kind),
        title=row.title,
        body=row.body if reading else "",
        link=row.link,
        due_at=row.due_at,
        delivered_at=row.delivered_at,
        read_at=reading.at if reading else None,
        read_by=reading.person if reading else "",
    )
