"""Deciding what somebody else asked for: refunds and forfeitures, from the desk or from the charge."""

from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments import service
from procurement.payments.pages.treasury.charges import story
from procurement.payments.pages.treasury.desk import desk
from procurement.payments.pages.treasury.shown import ReasonForm, must_be_shown


class DecisionPages(Controller):
    path = "/treasury"
    include_in_schema = False

    @post("/refunds/{refund_id:str}/approve", opt=access(P.REFUND_APPROVE))
    async def approve_refund(self, tx: NamedDependency[Tx], refund_id: FromPath[str]) -> Template | Redirect:
        async with tx.trying() as tried:
            await service.approve_refund(tx, refund_id)
        return await _after(tx, (await service.refund(tx, refund_id)).charge, tried.refused)

    @post("/refunds/{refund_id:str}/refuse", opt=access(P.REFUND_APPROVE))
    async def refuse_refund(
        self, request: AnyRequest, tx: NamedDependency[Tx], refund_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            await service.refuse_refund(tx, refund_id, (await read_form(request, ReasonForm)).reason)
        return await _after(tx, (await service.refund(tx, refund_id)).charge, tried.refused)

    @post("/forfeitures/{forfeiture_id:str}/approve", opt=access(P.REFUND_APPROVE))
    async def approve_forfeiture(self, tx: NamedDependency[Tx], forfeiture_id: FromPath[str]) -> Template | Redirect:
        async with tx.trying() as tried:
            await service.approve_forfeiture(tx, forfeiture_id)
        return await _after(tx, (await service.forfeiture(tx, forfeiture_id)).charge, tried.refused)

    @post("/forfeitures/{forfeiture_id:str}/refuse", opt=access(P.REFUND_APPROVE))
    async def refuse_forfeiture(
        self, request: AnyRequest, tx: NamedDependency[Tx], forfeiture_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            await service.refuse_forfeiture(tx, forfeiture_id, (await read_form(request, ReasonForm)).reason)
        return await _after(tx, (await service.forfeiture(tx, forfeiture_id)).charge, tried.refused)


async def _after(tx: Tx, charge: str, refused: Refused | None) -> Template | Redirect:
    """On to the charge, or back to the desk for money that belongs to none; with what went wrong, if anything did."""
    if must_be_shown(refused) is None:
        return see_other(f"/treasury/charges/{charge}" if charge else "/treasury")
    return await story(tx, charge, refused) if charge else await desk(tx, refused)
