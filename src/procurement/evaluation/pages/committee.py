"""Appointing evaluators and declaring conflicts of interest."""

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


class AppointForm(msgspec.Struct, frozen=True):
    evaluators: list[str] = []  # msgspec copies it; no box ticked sends nothing
    chair: str = ""


class DeclarationForm(msgspec.Struct, frozen=True):
    conflict: Literal["yes", "no"]
    statement: str = ""


class CommitteePages(Controller):
    path = PATH

    @get("/appoint", opt=access(P.EVALUATION_APPOINT))
    async def choose(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _appoint(tx, tender_id)

    @post("/appoint", opt=access(P.EVALUATION_APPOINT))
    async def appoint(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, AppointForm)
            await service.appoint(tx, tender_id, form.evaluators, form.chair)
        if must_show(tried):
            return await _appoint(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id))

    @get("/declaration", opt=access(P.EVALUATION_DECLARE))
    async def declaration(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _declaration(tx, tender_id)

    @post("/declaration", opt=access(P.EVALUATION_DECLARE))
    async def declare(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, DeclarationForm)
            await service.declare(tx, tender_id, conflict=form.conflict == "yes", statement=form.statement)
        if must_show(tried):
            return await _declaration(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id, "/declaration" if form.conflict == "yes" else ""))


async def _appoint(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    of = await service.committee(tx, tender_id)
    tx.actor.must(P.EVALUATION_APPOINT, of=of.tender.buyer)
    people = await service.eligible_names(tx, tender_id)
    return page("evaluation/appoint.html", refused=refused, typed=typed, of=of, people=people, stages=life(tx, of))


async def _declaration(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    of = await service.committee(tx, tender_id)
    tx.actor.must(P.EVALUATION_DECLARE, of=of.tender.buyer)
    if of.me is None:
        raise Refused("not-appointed", "You are not an evaluator of this tender.", status=403)
    return page("evaluation/declaration.html", refused=refused, typed=typed, of=of, stages=life(tx, of))
