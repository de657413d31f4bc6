"""Questions and answers of a tender: read by all, asked by suppliers, answered by the buyer."""

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.clarifications import service
from procurement.clarifications.rules import MOST_TEXT
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.tenders import service as tenders

SHOWN_AGAIN = (409, 422, 429)


class QuestionForm(msgspec.Struct, frozen=True):
    text: str


class AnswerForm(msgspec.Struct, frozen=True):
    question: str
    answer: str


class Questions(Controller):
    path = "/tenders/{tender_id:str}/questions"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def show(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await _page(tx, tender_id)

    @post("/", opt=access(P.QUESTION_ASK))
    async def ask(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.ask(tx, tender_id, (await read_form(request, QuestionForm)).text)
        if tried.refused:
            return await _page(tx, tender_id, _shown(tried.refused), request.state.typed)
        return see_other(f"/tenders/{tender_id}/questions")

    @get("/{question_id:str}/answer", opt=access(P.QUESTION_ANSWER))
    async def consider(self, tx: NamedDependency[Tx], tender_id: FromPath[str], question_id: FromPath[str]) -> Template:
        return await _answering(tx, tender_id, question_id)

    @post("/{question_id:str}/answer", opt=access(P.QUESTION_ANSWER))
    async def answer(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], question_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, AnswerForm)
            await service.answer(tx, tender_id, question_id, form.question, form.answer)
        if tried.refused:
            return await _answering(tx, tender_id, question_id, _shown(tried.refused), request.state.typed)
        return see_other(f"/tenders/{tender_id}/questions")


def _shown(refused: Refused) -> Refused:
    """What the same page shows; what concerns the person or the address goes up as it is."""
    if refused.status not in SHOWN_AGAIN:
        raise refused
    return refused


async def _page(tx: Tx, tender_id: str, refused: Refused | None = None, typed: Any = None) -> Template:
    tender = await tenders.public_tender(tx, tender_id)
    answers = tx.actor.may(P.QUESTION_ANSWER, of=tender.buyer)
    asks = tx.actor.may(P.QUESTION_ASK, of=tx.actor.organisation)
    return page(
        "clarifications/questions.html",
        refused=refused,
        typed=typed,
        tender=tender,
        buyer=(await identity.organisation(tx, tender.buyer)).name,
        answered=await service.questions(tx, tender_id),
        waiting=await service.waiting(tx, tender_id) if answers else (),
        mine=await service.own_waiting(tx, tender_id) if asks else (),
        answers=answers,
        asks=asks,
        open=tender.takes_questions(tx.now),
        most=MOST_TEXT,
    )


async def _answering(
    tx: Tx, tender_id: str, question_id: str, refused: Refused | None = None, typed: Any = None
) -> Template:
    """The form for one question. Refused("question-unknown", 404) when it does not wait."""
    question = next((one for one in await service.waiting(tx, tender_id) if one.id == question_id), None)
    if question is None:
        raise refused or unknown("question")
    return page(
        "clarifications/answer.html",
        refused=refused,
        typed=typed,
        tender=await tenders.public_tender(tx, tender_id),
        question=question,
        most=MOST_TEXT,
    )


ROUTES = (Questions,)
