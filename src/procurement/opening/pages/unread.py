"""Where two people of the buyer decide about a bid that too few key holders could read."""

from typing import Any, Literal

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra.tx import Tx
from procurement.infra.web import access, read_form
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening import service
from procurement.opening.pages.opening import elsewhere
from procurement.opening.pages.prices import back


class ReasonForm(msgspec.Struct, frozen=True):
    """`lot` is that of a price that is apart by lot."""

    reason: str
    lot: str = ""


class DecisionForm(msgspec.Struct, frozen=True):
    decision: Literal["put-out", "wait"]
    lot: str = ""


class UnreadPages(Controller):
    path = "/tenders/{tender_id:str}/opening/unread/{bid_id:str}"
    include_in_schema = False

    @post("/propose", opt=access(P.OPENING_REQUEST))
    async def propose(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], bid_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, ReasonForm)
            await service.propose_to_put_out(tx, tender_id, bid_id, form.reason, form.lot)
        return await _after(tx, tender_id, tried.refused, request.state.typed)

    @post("/decide", opt=access(P.OPENING_CONFIRM))
    async def decide(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str], bid_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, DecisionForm)
            decide = service.agree_to_put_out if form.decision == "put-out" else service.wait_on
            await decide(tx, tender_id, bid_id, form.lot)
        return await _after(tx, tender_id, tried.refused, request.state.typed)


async def _after(tx: Tx, tender_id: str, refused: Refused | None, typed: dict[str, Any]) -> Response[Any]:
    if refused and elsewhere(refused):
        raise refused
    return await back(tx, tender_id, refused, typed)
