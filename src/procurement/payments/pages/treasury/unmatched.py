"""Money of which nobody knows what it was for: find its charge, or send it back."""

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, invalid
from procurement.payments import service
from procurement.payments.pages.treasury.shown import ReasonForm, must_be_shown


class MatchForm(msgspec.Struct, frozen=True):
    reference: str


class UnmatchedPages(Controller):
    path = "/treasury/payments"
    include_in_schema = False

    @get("/{payment_id:str}", opt=access(P.PAYMENT_READ))
    async def payment(self, tx: NamedDependency[Tx], payment_id: FromPath[str]) -> Template | Redirect:
        """One that has its charge is shown there."""
        found = await service.payment(tx, payment_id)
        return see_other(f"/treasury/charges/{found.charge}") if found.charge else await _payment(tx, payment_id)

    @post("/{payment_id:str}/match", opt=access(P.PAYMENT_RECORD))
    async def match(
        self, request: AnyRequest, tx: NamedDependency[Tx], payment_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            found = await service.by_reference(tx, (await read_form(request, MatchForm)).reference)
            if found is None:
                raise invalid("No charge has this reference.", reference="No charge has this reference.")
            await service.match(tx, payment_id, found.id)
        return await _after(tx, payment_id, tried.refused, request)

    @post("/{payment_id:str}/return", opt=access(P.REFUND_ASK))
    async def give_back(
        self, request: AnyRequest, tx: NamedDependency[Tx], payment_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            await service.return_payment(tx, payment_id, (await read_form(request, ReasonForm)).reason)
        return await _after(tx, payment_id, tried.refused, request)


async def _after(tx: Tx, payment_id: str, refused: Refused | None, request: AnyRequest) -> Template | Redirect:
    if must_be_shown(refused) is None:
        return see_other(f"/treasury/payments/{payment_id}")
    return await _payment(tx, payment_id, refused, getattr(request.state, "typed", None))


async def _payment(tx: Tx, payment_id: str, refused: Refused | None = None, typed: Any = None) -> Template:
    found = await service.payment(tx, payment_id)
    refunds = await service.refunds_of(tx, payment_id)
    return page("payments/treasury_payment.html", refused=refused, typed=typed, payment=found, refunds=refunds)
