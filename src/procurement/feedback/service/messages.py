"""Taking messages about the pages, and answering them."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, tuple_

from procurement.feedback import rules
from procurement.feedback.rules import About, Given
from procurement.feedback.tables import Feedback
from procurement.identity import service as identity
from procurement.infra import mail
from procurement.infra.outbox import task
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.settings import Settings

MOST = 100  # waiting messages that are listed; the others come when these are answered
PAGE = 30  # answered messages on one page


class Message(msgspec.Struct, frozen=True):
    """A message as it is shown; `answered_by` is a name, "" where it is not told or not known."""

    id: str
    about: About
    text: str
    page: str
    email: str
    received_at: datetime
    due_at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None


class Waiting(msgspec.Struct, frozen=True):
    """How many messages wait for an answer, and by when the most urgent one has to have it; None without any."""

    count: int
    due: datetime | None


async def give(tx: Tx, given: Given) -> str:
    """Keep a message and tell the operator by mail. Returns its id, by which its sender finds the answer."""
    row = Feedback(
        id=new_id(),
        about=given.about,
        text=given.text,
        page=given.page,
        email=given.email,
        received_at=tx.real_now,
        due_at=rules.due(given.about, tx.real_now),
        answer="",
        answered_by=None,
        answered_at=None,
    )
    tx.session.add(row)
    await tx.session.flush()
    await tx.later(tell_operator, {"feedback": row.id})
    return row.id


async def message(tx: Tx, id_: str) -> Message:
    """One message, for whoever has its id. Refused("message-unknown", 404)."""
    row = await tx.session.get(Feedback, id_)
    if row is None:
        raise unknown("message")
    return _message(row, {})


async def waiting(tx: Tx) -> Waiting:
    counted = select(func.count(), func.min(Feedback.due_at)).where(Feedback.answered_at.is_(None))
    count, due = (await tx.session.execute(counted)).one()
    return Waiting(count, due)


async def unanswered(tx: Tx) -> list[Message]:
    """The most urgent first, up to MOST. Refused("not-permitted", 403)."""
    tx.actor.must(P.SERVICE_OPERATE, of=tx.actor.organisation)
    query = select(Feedback).where(Feedback.answered_at.is_(None)).order_by(Feedback.due_at, Feedback.id).limit(MOST)
    return [_message(row, {}) for row in await tx.session.scalars(query)]


async def answered(tx: Tx, before: str = "") -> tuple[list[Message], str]:
    """One page of the answered ones, the newest answer first, and the `before` of the next page, "" at the end.

    Refused("not-permitted", 403), Refused("message-unknown", 404) for a `before` that is no message.
    """
    tx.actor.must(P.SERVICE_OPERATE, of=tx.actor.organisation)
    query = select(Feedback).where(Feedback.answered_at.is_not(None))
    if before:
        place = select(Feedback.answered_at, Feedback.id).where(Feedback.id == before)
        if (await tx.session.execute(place)).one_or_none() is None:
            raise unknown("message")
        query = query.where(tuple_(Feedback.answered_at, Feedback.id) < place.scalar_subquery())
    query = query.order_by(Feedback.answered_at.desc(), Feedback.id.desc()).limit(PAGE + 1)
    rows = list(await tx.session.scalars(query))
    names = await identity.person_names(tx, {row.answered_by for row in rows if row.answered_by})
    return [_message(row, names) for row in rows[:PAGE]], rows[PAGE - 1].id if len(rows) > PAGE else ""


async def answer(tx: Tx, id_: str, text: str) -> None:
    """Answer a message, once; it is mailed where an address was given.

    Refused("message-unknown", 404), Refused("message-answered"), Refused("form-invalid", 422).
    """
    tx.actor.must(P.SERVICE_OPERATE, of=tx.actor.organisation)
    row = await tx.session.get(Feedback, id_, with_for_update=True)
    if row is None:
        raise unknown("message")
    if row.answered_at is not None:
        raise Refused("message-answered", "Somebody has answered this message meanwhile. Reload the page to read it.")
    row.answer, row.answered_by, row.answered_at = rules.words(text), tx.actor.person, tx.real_now
    if row.email:
        await tx.later(send_answer, {"feedback": id_})


@task
async def tell_operator(tx: Tx, payload: dict[str, Any]) -> None:
    """Mail the message to the operator's address; nothing without one: administrators see it on their desk."""
    to = Settings.read().feedback_mail
    row = await tx.session.get(Feedback, payload["feedback"])
    if to and row is not None:
        post = mail.outgoing()
        one = _message(row, {})
        await post.send(to, "feedback/mail/received", tx.real_now, one=one, link=f"{post.base_url}/feedback/received")


@task
async def send_answer(tx: Tx, payload: dict[str, Any]) -> None:
    """Mail the answer to whoever asked; nothing when the message ended meanwhile."""
    row = await tx.session.get(Feedback, payload["feedback"])
    if row is not None:
        post = mail.outgoing()
        one = _message(row, {})
        link = f"{post.base_url}/feedback/{row.id}"
        await post.send(row.email, "feedback/mail/answered", tx.real_now, one=one, link=link)


def _message(row: Feedback, names: dict[str, str]) -> Message:
    return Message(
        id=row.id,
        about=About(row.about),
        text=row.text,
        page=row.page,
        email=row.email,
        received_at=row.received_at,
        due_at=row.due_at,
        answer=row.answer,
        answered_by=names.get(row.answered_by or "", ""),
        answered_at=row.answered_at,
    )
