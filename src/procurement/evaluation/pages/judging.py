"""The evaluators' own work: compliance, their sheet, the bids' documents."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from procurement.evaluation import service
from procurement.evaluation.pages.frame import PATH, address, life, must_show
from procurement.evaluation.rules.scores import field
from procurement.evaluation.rules.state import Cell, Score
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening.pages.quarantine import hand_out, hand_out_warned


class ComplianceForm(msgspec.Struct, frozen=True):
    bid: str
    outcome: Literal["pass", "fail"]
    reason: str = ""


class JudgingPages(Controller):
    path = PATH

    @get("/compliance", opt=access(P.EVALUATION_READ))
    async def compliance(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        return await _compliance(tx, tender_id)

    @post("/compliance", opt=access(P.EVALUATION_SCORE))
    async def decide(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ComplianceForm)
            passed = form.outcome == "pass"
            await service.decide_compliance(tx, tender_id, form.bid, compliant=passed, reason=form.reason)
        if must_show(tried):
            return await _compliance(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id, "/compliance"))

    @get("/scores", opt=access(P.EVALUATION_SCORE))
    async def sheet(
        self, tx: NamedDependency[Tx], tender_id: FromPath[str], saved: FromQuery[bool] = False
    ) -> Response[Any]:
        return await _sheet(tx, tender_id, saved=saved)

    @post("/scores", opt=access(P.EVALUATION_SCORE))
    async def score(self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Response[Any]:
        """Save the sheet, or lock it, as the button says."""
        of = await service.own_sheet(tx, tender_id)
        locking = False
        async with tx.trying() as tried:
            form = await read_form(request, sheet_form(of.cells))
            locking = getattr(form, DO) == "lock"
            keep = service.lock_scores if locking else service.save_scores
            await keep(tx, tender_id, scores_of(form, of.cells))
        if must_show(tried):
            return await _sheet(tx, tender_id, tried.refused, request.state.typed)
        return see_other(address(tender_id) if locking else address(tender_id, "/scores?saved=true"))

    @get("/documents/{bid_id:str}/{number:int}", opt=access(P.EVALUATION_READ))
    async def document(
        self,
        tx: NamedDependency[Tx],
        files: NamedDependency[Files],
        tender_id: FromPath[str],
        bid_id: FromPath[str],
        number: FromPath[int],
    ) -> Stream | Response[Any]:
        """A document of an opened bid, for those who may see the bids."""
        found = await service.document(tx, tender_id, bid_id, number)
        return await hand_out(tx, files, tender_id, found, address(tender_id, f"/documents/{bid_id}/{number}"))

    @post("/documents/{bid_id:str}/{number:int}", opt=access(P.QUARANTINE_TAKE), status_code=200)
    async def take_quarantined(
        self,
        tx: NamedDependency[Tx],
        files: NamedDependency[Files],
        tender_id: FromPath[str],
        bid_id: FromPath[str],
        number: FromPath[int],
    ) -> Stream:
        """A quarantined one, after the warning, for the committee."""
        found = await service.document(tx, tender_id, bid_id, number)
        return await hand_out_warned(tx, files, tender_id, bid_id, found)


DO = "do"


def sheet_form(cells: tuple[Cell, ...]) -> type[msgspec.Struct]:
    """The form of a sheet: a score and a comment for each cell, and which button was pressed."""
    fields: list[tuple[str, Any, Any]] = [(DO, Literal["save", "lock"], "save")]
    names: dict[str, str] = {}
    for n, cell in enumerate(cells):
        fields += [(f"score{n}", int, None), (f"comment{n}", str, "")]
        names |= {f"score{n}": field(cell), f"comment{n}": field(cell, "comment")}
    return msgspec.defstruct("SheetForm", fields, rename=names, frozen=True)


def scores_of(form: msgspec.Struct, cells: tuple[Cell, ...]) -> Mapping[Cell, Score]:
    return {cell: Score(getattr(form, f"score{n}"), getattr(form, f"comment{n}")) for n, cell in enumerate(cells)}


async def _compliance(
    tx: Tx, tender_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    of = await service.overview(tx, tender_id)
    opened = {bid.bid_id: bid for bid in await service.opened(tx, of)}
    wrong = str((typed or {}).get("bid", ""))
    return page(
        "evaluation/compliance.html",
        refused=refused,
        typed=typed,
        of=of,
        opened=opened,
        deposits=await service.deposits(tx, of),
        wrong=wrong,
        stages=life(tx, of),
    )


async def _sheet(
    tx: Tx,
    tender_id: str,
    refused: Refused | None = None,
    typed: dict[str, Any] | None = None,
    *,
    saved: bool = False,
) -> Response[Any]:
    sheet = await service.own_sheet(tx, tender_id)
    return page(
        "evaluation/scores.html",
        refused=refused,
        typed=typed,
        sheet=sheet,
        of=sheet.of,
        opened={bid.bid_id: bid for bid in await service.opened(tx, sheet.of)},
        saved=saved,
        stages=life(tx, sheet.of),
    )
