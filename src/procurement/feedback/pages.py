"""The form by which anybody tells us about a page, the answer, and the list of those who answer."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from procurement.feedback import rules, service
from procurement.feedback.rules import About
from procurement.infra.ratelimit import Limit, Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

PEER = Limit("feedback", times=5, seconds=3600)  # messages from one address


class FeedbackForm(msgspec.Struct, frozen=True):
    about: About
    text: str
    where: str = ""
    email: str = ""


class AnswerForm(msgspec.Struct, frozen=True):
    text: str


class FeedbackPages(Controller):
    path = "/feedback"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def form(self, request: AnyRequest, tx: NamedDependency[Tx], about: FromQuery[str] = "") -> Template:
        """The form, about the page from which somebody comes here."""
        return page("feedback/form.html", about=about, came_from=_came_from(request))

    @post("/", opt=access("public"))
    async def give(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, FeedbackForm)
            given = rules.given(form.about, form.text, form.where, form.email)
            if counted := await limits.count(PEER, peer(request, settings.trusted_proxy)):
                counted.must_be_left()
            id_ = await service.give(tx, given)
        if tried.refused:
            return page("feedback/form.html", refused=tried.refused, typed=request.state.typed, about="", came_from="")
        return see_other(f"/feedback/{id_}")

    @get("/received", opt=access(P.SERVICE_OPERATE))
    async def received(self, tx: NamedDependency[Tx], before: FromQuery[str] = "") -> Template:
        return await _received(tx, before)

    @get("/{feedback_id:str}", opt=access("public"))
    async def one(self, tx: NamedDependency[Tx], feedback_id: FromPath[str]) -> Template:
        """For whoever knows its number: what happens next, or the answer."""
        return page("feedback/one.html", one=await service.message(tx, feedback_id))

    @post("/{feedback_id:str}/answer", opt=access(P.SERVICE_OPERATE))
    async def answer(self, request: AnyRequest, tx: NamedDependency[Tx], feedback_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            await service.answer(tx, feedback_id, (await read_form(request, AnswerForm)).text)
        if tried.refused and tried.refused.status == 404:
            raise tried.refused
        return await _received(tx, refused=tried.refused) if tried.refused else see_other("/feedback/received")


async def _received(tx: Tx, before: str = "", refused: Refused | None = None) -> Template:
    waiting, (answered, following) = await service.unanswered(tx), await service.answered(tx, before)
    return page(
        "feedback/received.html",
        refused=refused,
        waiting=waiting,
        answered=answered,
        first=not before,
        following=following,
    )


def _came_from(request: AnyRequest) -> str:
    """The path of the page whose link was followed; browsers tell it within one site only."""
    came = urlsplit(request.headers.get("referer", ""))
    ours = came.netloc == request.headers.get("host", "") and not came.path.startswith("/feedback")
    return came.path[: rules.LONGEST_PAGE] if ours else ""


ROUTES = (FeedbackPages,)
