"""The technical result: the chair proposes, an approver decides or sends it back."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.evaluation import service
from procurement.evaluation.pages.frame import PATH, address, life, must_show
from procurement.evaluation.rules.technical import judged
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown


class ReasonForm(msgspec.Struct, frozen=True):
    reason: str = ""


class TechnicalPages(Controller):
    path = PATH

    @get("/technical", opt=access(P.EVALUATION_READ))
    async def technical(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _page(tx, tender_id)

    @post("/technical/propose", opt=access(P.EVALUATION_CHAIR))
    async def propose(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            await service.propose_technical(tx, tender_id)
        if must_show(tried):
            return await _page(tx, tender_id, tried.refused)
        return see_other(address(tender_id, "/technical"))

    @post("/technical/decide", opt=access(P.AWARD_APPROVE))
    async def decide(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            await service.decide_technical(tx, tender_id)
        if must_show(tried):
            return await _page(tx, tender_id, tried.refused)
        return see_other(address(tender_id, "/technical"))

    @post("/technical/return", opt=access(P.AWARD_APPROVE))
    async def send_back(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ReasonForm)
            await service.return_technical(tx, tender_id, form.reason)
        if must_show(tried):
            return await _page(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id, "/technical"))


async def _page(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    """Who passes, as far as it is agreed. Refused("technical-unknown", 404) where bids have one envelope."""
    of = await service.overview(tx, tender_id)
    if not of.terms.prices_apart:
        raise unknown("technical", "Bids of this tender are one envelope: nothing is decided before prices are known.")
    o = of.open
    complete = not (o.evaluators or o.declarations or o.compliance or o.sheets or o.consensus)
    return page(
        "evaluation/technical.html",
        refused=refused,
        typed=typed,
        of=of,
        complete=complete,
        judged=judged(of.terms, of.candidates, of.evaluation) if complete else (),
        stages=life(tx, of),
    )
