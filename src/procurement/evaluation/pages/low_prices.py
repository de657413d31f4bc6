"""Abnormally low prices: the chair's question and decision, the bidder's answer."""

from typing import Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.evaluation import service
from procurement.evaluation.pages.frame import PATH, address, life, must_show
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders


class QuestionForm(msgspec.Struct, frozen=True):
    bid: str
    question: str = ""
    lot: str = ""


class DecisionForm(msgspec.Struct, frozen=True):
    bid: str
    accepted: Literal["yes", "no"]
    reason: str = ""
    lot: str = ""


class AnswerForm(msgspec.Struct, frozen=True):
    bid: str
    answer: str = ""
    lot: str = ""


class LowPricePages(Controller):
    path = PATH

    @get("/low-prices", opt=access(P.EVALUATION_READ))
    async def low_prices(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _low_prices(tx, tender_id)

    @post("/low-prices/question", opt=access(P.EVALUATION_CHAIR))
    async def ask(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, QuestionForm)
            await service.ask(tx, tender_id, form.bid, form.lot, form.question)
        if must_show(tried):
            return await _low_prices(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id, "/low-prices"))

    @post("/low-prices/decision", opt=access(P.EVALUATION_CHAIR))
    async def decide(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, DecisionForm)
            yes = form.accepted == "yes"
            await service.decide_low_price(tx, tender_id, form.bid, form.lot, accepted=yes, reason=form.reason)
        if must_show(tried):
            return await _low_prices(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id, "/low-prices"))

    @get("/price-question", opt=access(P.BID_READ_OWN))
    async def question(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _question(tx, tender_id)

    @post("/price-question", opt=access(P.BID_SUBMIT))
    async def answer(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, AnswerForm)
            await service.explain(tx, tender_id, form.bid, form.lot, form.answer)
        if must_show(tried):
            return await _question(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id, "/price-question"))


async def _low_prices(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    of = await service.overview(tx, tender_id)
    wrong = str((typed or {}).get("bid", ""))
    return page("evaluation/low_prices.html", refused=refused, typed=typed, of=of, wrong=wrong, stages=life(tx, of))


async def _question(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    """The bidder's page: its own questions only."""
    asked = await service.questions_for(tx, tender_id, tx.actor.organisation)
    if not asked:
        raise Refused("question-unknown", "Your organisation was not asked about a price here.", status=404)
    tender = await tenders.public_tender(tx, tender_id)
    return page("evaluation/price_question.html", refused=refused, typed=typed, tender=tender, asked=asked)
