"""Delivering: all messages about one fact in one transaction, with one entry in the ledger; copies by mail go after."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select

from procurement.bids.service.due import concerned
from procurement.identity import service as identity
from procurement.identity.service.mailing import people_who
from procurement.infra import mail
from procurement.infra.outbox import Recorded
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.notices.rules import inbox as rules
from procurement.notices.rules.inbox import Kind, Letter
from procurement.notices.tables.following import FollowRow
from procurement.notices.tables.inbox import InboxMessage
from procurement.notices.tables.mail import MailCopy
from procurement.tenders.rules import Tender


async def everybody(tx: Tx, tender: Tender) -> tuple[set[str], set[str]]:
    """Who has a draft or a bid, and who besides only follows the tender, by organisation."""
    bidding = set(await concerned(tx, tender.id))
    return bidding, await following(tx, tender) - bidding


async def following(tx: Tx, tender: Tender) -> set[str]:
    """The organisations for which somebody follows the tender, without its own buyer."""
    here = FollowRow.kind == "tender", FollowRow.target == tender.id, FollowRow.often != "off"
    rows = select(FollowRow.organisation).where(*here, FollowRow.organisation.is_not(None)).distinct()
    return {one for one in await tx.session.scalars(rows) if one} - {tender.buyer}


async def tell(
    tx: Tx,
    recorded: Recorded[Any],
    tender: Tender,
    kind: Kind,
    organisations: Iterable[str],
    *,
    link: str,
    copied: Collection[str],
    due_at: datetime | None = None,
    **words: object,
) -> None:
    """The same words to each of the organisations; see `deliver`."""
    title, body = await written(tx, tender, kind, **words)
    letters = [
        Letter(organisation=one, kind=kind, title=title, body=body, link=link, due_at=due_at)
        for one in sorted(organisations)
    ]
    await deliver(tx, recorded, tender, letters, copied)


async def written(tx: Tx, tender: Tender, kind: Kind, **words: object) -> tuple[str, str]:
    """Title and body of a message, from the template of its kind."""
    buyer = await identity.organisation(tx, tender.buyer)
    return mail.outgoing().words(f"notices/inbox/{kind}", tender=tender, buyer=buyer.name, **words)


async def deliver(
    tx: Tx, recorded: Recorded[Any], tender: Tender, letters: list[Letter], copied: Collection[str]
) -> None:
    """Put every message about a recorded fact into its inbox, at one moment, and record that. Again changes nothing.

    People of the organisations in `copied` also get a letter that says that a message lies there. The entry in the
    ledger is made even where nobody is told, so that it tells nothing.
    """
    kinds = {letter.kind for letter in letters}
    told = select(InboxMessage.id).where(InboxMessage.record_id == recorded.id, InboxMessage.kind.in_(kinds)).limit(1)
    if kinds and await tx.session.scalar(told):
        return
    messages = {new_id(): letter for letter in letters}
    root = rules.root_of(rules.delivered(id_, letter) for id_, letter in messages.items())
    fact = rules.NoticesDelivered(about=recorded.id, root=root)
    record = await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    await put(tx, messages, tender, sender=tender.buyer, about=recorded.id, record=record)
    await copy(tx, {id_: letter.organisation for id_, letter in messages.items() if letter.organisation in copied})


async def deliver_apart(tx: Tx, recorded: Recorded[Any], letter: Letter) -> None:
    """Put a message that belongs to no procurement into its inbox, record that, and copy it. Again changes nothing."""
    here = InboxMessage.record_id == recorded.id, InboxMessage.organisation == letter.organisation
    if await tx.session.scalar(select(InboxMessage.id).where(*here)):
        return
    message = new_id()
    fact = rules.NoticesDelivered(about=recorded.id, root=rules.root_of([rules.delivered(message, letter)]))
    record = await tx.record(fact, organisation=letter.organisation)
    row = {"id": message, "record_id": recorded.id, "delivery_record_id": record, "delivered_at": tx.now}
    await tx.session.execute(insert(InboxMessage).values(**row, **msgspec.structs.asdict(letter)))
    await copy(tx, {message: letter.organisation})


async def put(
    tx: Tx, messages: dict[str, Letter], tender: Tender, *, sender: str | None, about: int | None, record: int | None
) -> None:
    """The rows of messages by their ids, in one statement."""
    if not messages:
        return
    shared = {"record_id": about, "delivery_record_id": record, "tender": tender.id, "delivered_at": tx.now}
    rows = [
        {"id": id_, "sender": None if letter.organisation == sender else sender}
        | shared
        | msgspec.structs.asdict(letter)
        for id_, letter in messages.items()
    ]
    await tx.session.execute(insert(InboxMessage), rows)


async def copy(tx: Tx, organisations: dict[str, str]) -> None:
    """Queue a letter to everybody who may read a message; `organisations` by message."""
    people: dict[str, list[str]] = {}
    for organisation, person in await people_who(tx, P.INBOX_READ, organisations.values()):
        people.setdefault(organisation, []).append(person)
    rows = [
        {
            "id": new_id(),
            "person": person,
            "kind": "message",
            "message": message,
            "queued_at": tx.real_now,
            "due_at": tx.real_now,
        }
        for message, organisation in organisations.items()
        for person in people.get(organisation, ())
    ]
    if rows:
        await tx.session.execute(insert(MailCopy), rows)
