"""Ask, answer once for all, and read."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, select

from procurement.clarifications import rules
from procurement.clarifications.rules import Question
from procurement.clarifications.tables import AnswerRow, QuestionRow
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.tenders import service as tenders


async def ask(tx: Tx, tender_id: str, text: str) -> str:
    """Ask for the organisation acted for; returns the question's id. See rules.ask."""
    tx.actor.must(P.QUESTION_ASK, of=tx.actor.organisation)
    await tenders.lock_exclusive(tx, tender_id)  # a cancellation waits, and so does the next number
    now = await tx.clock()
    tender = await tenders.public_tender(tx, tender_id)
    number = await tx.session.scalar(select(func.max(QuestionRow.number)).where(QuestionRow.tender_id == tender_id))
    fact = rules.ask(tender, new_id(), (number or 0) + 1, text, len(await _waiting_of_us(tx, tender_id)), now)
    tx.session.add(
        QuestionRow(
            id=fact.question,
            tender_id=tender_id,
            number=fact.number,
            supplier_id=tx.actor.organisation,
            asked_by=tx.actor.person,
            asked_at=now,
            text=text,
        )
    )
    await tx.record(fact, process=tender.ocid)
    return fact.question


async def answer(tx: Tx, tender_id: str, question_id: str, wording: str, text: str) -> None:
    """Answer for everybody; `wording` is the question as it is published, without what tells who asked.

    Refused("question-unknown", 404); see rules.answer.
    """
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.QUESTION_ANSWER, of=tender.buyer)
    await tenders.lock_exclusive(tx, tender_id)
    now = await tx.clock()
    question = await _question(tx, tender_id, question_id)
    fact = rules.answer(await tenders.tender(tx, tender_id), question, wording, text, now)
    tx.session.add(
        AnswerRow(
            question_id=question_id,
            answered_by=tx.actor.person,
            answered_at=now,
            question_text=wording,
            text=text,
        )
    )
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def questions(tx: Tx, tender_id: str) -> tuple[Question, ...]:
    """What everybody may read: the answered questions, in their published wording, by number."""
    return await _read(tx, QuestionRow.tender_id == tender_id, AnswerRow.question_id.is_not(None))


async def waiting(tx: Tx, tender_id: str) -> tuple[Question, ...]:
    """What the buyer still has to answer, oldest first."""
    tender = await tenders.public_tender(tx, tender_id)
    tx.actor.must(P.QUESTION_ANSWER, of=tender.buyer)
    return await _read(tx, QuestionRow.tender_id == tender_id, AnswerRow.question_id.is_(None))


async def own_waiting(tx: Tx, tender_id: str) -> tuple[Question, ...]:
    """The unanswered questions of the organisation acted for."""
    tx.actor.must(P.QUESTION_ASK, of=tx.actor.organisation)
    return await _waiting_of_us(tx, tender_id)


async def unanswered(tx: Tx, tender_ids: Iterable[str]) -> dict[str, int]:
    """How many questions wait in each of these tenders that has any; for the buyer's desk."""
    rows = await tx.session.execute(
        select(QuestionRow.tender_id, func.count().label("waiting"))
        .outerjoin(AnswerRow, AnswerRow.question_id == QuestionRow.id)
        .where(QuestionRow.tender_id.in_(set(tender_ids)), AnswerRow.question_id.is_(None))
        .group_by(QuestionRow.tender_id)
    )
    return {row.tender_id: row.waiting for row in rows}


async def asker(tx: Tx, question_id: str) -> str:
    """The organisation that asked: only a job may know, to tell it. Refused("not-permitted", 403) for people."""
    if not tx.actor.system:
        raise Refused("not-permitted", "Nobody learns who asked.", status=403)
    asked = await tx.session.scalar(select(QuestionRow.supplier_id).where(QuestionRow.id == question_id))
    return asked or ""


async def _waiting_of_us(tx: Tx, tender_id: str) -> tuple[Question, ...]:
    own = QuestionRow.tender_id == tender_id, QuestionRow.supplier_id == tx.actor.organisation
    return await _read(tx, *own, AnswerRow.question_id.is_(None))


async def _question(tx: Tx, tender_id: str, question_id: str) -> Question:
    found = await _read(tx, QuestionRow.tender_id == tender_id, QuestionRow.id == question_id)
    if not found:
        raise unknown("question")
    return found[0]


async def _read(tx: Tx, *where: ColumnElement[bool]) -> tuple[Question, ...]:
    rows = await tx.session.execute(
        select(QuestionRow, AnswerRow)
        .outerjoin(AnswerRow, AnswerRow.question_id == QuestionRow.id)
        .where(*where)
        .order_by(QuestionRow.number)
    )
    return tuple(
        Question(
            id=question.id,
            number=question.number,
            text=given.question_text if given else question.text,
            asked_at=question.asked_at,
            answer=given.text if given else "",
            answered_at=given.answered_at if given else None,
        )
        for question, given in rows
    )
