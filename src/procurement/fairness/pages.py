"""An outage before a deadline: its evidence for everybody, the decision for the buyer."""

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.fairness import service
from procurement.fairness.rules import MINUTE, MOST_EVIDENCE, MOST_REASON
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.outage import length, spans
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders

SHOWN_AGAIN = (409, 422)


class ReasonForm(msgspec.Struct, frozen=True):
    reason: str


class Fairness(Controller):
    path = "/tenders/{tender_id:str}/outage"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def show(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await _page(tx, tender_id)

    @post("/extend", opt=access(P.TENDER_DRAFT))
    async def extend(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.take(tx, tender_id, (await read_form(request, ReasonForm)).reason)
        if tried.refused:
            return await _page(tx, tender_id, tried.refused, request.state.typed)
        return see_other(f"/tenders/{tender_id}/outage")

    @post("/decline", opt=access(P.TENDER_DRAFT))
    async def decline(
        self, request: AnyRequest, tx: NamedDependency[Tx], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.decline(tx, tender_id, (await read_form(request, ReasonForm)).reason)
        if tried.refused:
            return await _page(tx, tender_id, tried.refused, request.state.typed)
        return see_other(f"/tenders/{tender_id}/outage")


async def _page(tx: Tx, tender_id: str, refused: Refused | None = None, typed: Any = None) -> Template:
    """What concerns the person or the address goes up as it is."""
    if refused and refused.status not in SHOWN_AGAIN:
        raise refused
    tender, told = await tenders.public_heading(tx, tender_id), await service.evidence(tx, tender_id)
    made = await service.proposals(tx, tender_id)
    decides = tx.actor.may(P.TENDER_DRAFT, of=tender.buyer)
    return page(
        "fairness/outage.html",
        refused=refused,
        typed=typed,
        tender=tender,
        buyer=(await identity.organisation(tx, tender.buyer)).name,
        proposal=made[0] if made else None,
        earlier=made[1:],
        seen=told.outages[-MOST_EVIDENCE:],
        left_out=told.left_out + max(0, len(told.outages) - MOST_EVIDENCE),
        minutes=length(spans(told.outages, tx.now)) // MINUTE,
        decides=decides,
        extension=await tenders.waiting_extension(tx, tender_id) if decides else None,
        most=MOST_REASON,
    )


ROUTES = (Fairness,)
