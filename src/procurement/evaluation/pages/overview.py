"""The evaluation as a whole: the matrix, what is open, the chair's agreement, the end."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.evaluation import service
from procurement.evaluation.pages.frame import PATH, address, life, must_show
from procurement.infra import documents
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders
from procurement.tenders.rules.validity import binds_until


class ConsensusForm(msgspec.Struct, frozen=True):
    bid: str
    criterion: str
    score: int
    reason: str = ""


class OverviewPages(Controller):
    path = PATH

    @get("/", opt=access(P.EVALUATION_READ))
    async def evaluation(
        self,
        tx: NamedDependency[Tx],
        tender_id: FromPath[str],
        bid: FromQuery[str] = "",
        criterion: FromQuery[str] = "",
    ) -> Response[Any]:
        return await _evaluation(tx, tender_id, (bid, criterion))

    @post("/consensus", opt=access(P.EVALUATION_CHAIR))
    async def agree(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ConsensusForm)
            await service.agree(tx, tender_id, form.bid, form.criterion, score=form.score, reason=form.reason)
        if must_show(tried):
            typed = request.state.typed
            cell = (str(typed.get("bid", "")), str(typed.get("criterion", "")))
            return await _evaluation(tx, tender_id, cell, tried.refused, typed)
        return see_other(address(tender_id))

    @post("/conclude", opt=access(P.EVALUATION_CHAIR))
    async def conclude(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            await service.conclude(tx, files, tender_id)
        if must_show(tried):
            return await _evaluation(tx, tender_id, ("", ""), tried.refused)
        return see_other(address(tender_id))

    @get("/report", opt=access(P.EVALUATION_READ))
    async def report(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str]
    ) -> Response[bytes]:
        sha256 = await service.own_report(tx, tender_id)
        name = f'attachment; filename="evaluation-{tender_id}.pdf"'
        body = await documents.read(files, sha256)
        return Response(body, media_type="application/pdf", headers={"Content-Disposition": name})


async def _evaluation(
    tx: Tx,
    tender_id: str,
    cell: tuple[str, str],
    refused: Refused | None = None,
    typed: dict[str, Any] | None = None,
) -> Response[Any]:
    """The matrix; before the bids can be shown, who evaluates and what is awaited."""
    committee = await service.committee(tx, tender_id)
    if committee.me is not None and committee.me.declared_at is None:
        return see_other(address(tender_id, "/declaration"))
    if committee.opened_at is None or not committee.evaluation.evaluators:
        return page("evaluation/waiting.html", of=committee, stages=life(tx, committee), refused=refused)
    of = await service.overview(tx, tender_id)
    matrices = of.matrices() if of.terms.weighted and of.open.compliance == 0 else ()
    talks = [(criterion, field) for matrix in matrices for criterion, field in matrix.talks]
    chosen = next((talk for talk in talks if (talk[1].bid_id, talk[0].id) == cell), talks[0] if talks else None)
    return page(
        "evaluation/evaluation.html",
        refused=refused,
        typed=typed,
        of=of,
        binds=binds_until(of.tender, await tenders.rulebook_of(tx, of.tender)),
        matrices=matrices,
        cells={
            (field.bid_id, row.criterion.id): field.score is not None  # one score, also where several lots show it
            for matrix in matrices
            for row in matrix.rows
            for field in row.fields
            if row.criterion.kind == "quality"
        },
        talk=chosen,
        stages=life(tx, of),
    )
