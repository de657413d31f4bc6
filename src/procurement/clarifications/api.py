"""Questions and answers for programs."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.clarifications import service
from procurement.clarifications.rules import Question
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.permissions import P
from procurement.tenders import service as tenders

BEARER = [{"bearer": list[str]()}]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question in the asker's words."""

    text: str


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The question as it is published, without what tells who asked, and the answer for everybody."""

    question: str
    answer: str


class Made(msgspec.Struct, frozen=True):
    """The id of what was made."""

    id: str


WAITING = Resource(
    "/api/v1/tenders/{tender_id}/questions/waiting", ("tender_id",), tenders.lock_exclusive, service.waiting
)


class QuestionApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/questions"
    tags = ("clarifications",)

    @get("/", opt=access("public"))
    async def answered(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> tuple[Question, ...]:
        """The answered questions of a published tender, by number."""
        await tenders.public_tender(tx, tender_id)
        return await service.questions(tx, tender_id)

    @get("/waiting", opt=access(P.QUESTION_ANSWER), security=BEARER)
    async def waiting(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> tuple[Question, ...]:
        """What the buyer still has to answer; who asked is told to nobody."""
        return await service.waiting(tx, tender_id)

    @post("/", opt=access(P.QUESTION_ASK), security=BEARER)
    async def ask(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Asked]) -> Made:
        """Ask for the organisation acted for."""
        return Made(await service.ask(tx, tender_id, data.text.strip()))

    @post(
        "/{question_id:str}/answer", opt=access(P.QUESTION_ANSWER) | changes(WAITING), status_code=204, security=BEARER
    )
    async def answer(
        self, tx: NamedDependency[Tx], tender_id: FromPath[str], question_id: FromPath[str], data: JSONBody[Answered]
    ) -> None:
        """Answer once, for everybody."""
        await service.answer(tx, tender_id, question_id, data.question.strip(), data.answer.strip())


ROUTES = (QuestionApi,)
