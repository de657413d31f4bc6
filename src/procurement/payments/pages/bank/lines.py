"""One line of a statement that a person has to look at: what it may be, and what the person says that it is."""

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
from procurement.kernel.refusal import Refused
from procurement.payments import service
from procurement.payments.pages.treasury.shown import ReasonForm, must_be_shown, names
from procurement.payments.rules.matching import Outcome
from procurement.payments.service import transfer_lines


class ReferenceForm(msgspec.Struct, frozen=True):
    reference: str


class LinePages(Controller):
    path = "/treasury/lines/{line_id:str}"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def one(self, tx: NamedDependency[Tx], line_id: FromPath[str]) -> Template:
        return await _line(tx, line_id)

    @post("/charge", opt=access(P.PAYMENT_RECORD))
    async def for_charge(
        self, request: AnyRequest, tx: NamedDependency[Tx], line_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            form = await read_form(request, ReferenceForm)
            await transfer_lines.for_charge(tx, line_id, form.reference)
        return await _after(tx, line_id, tried.refused, request)

    @post("/return", opt=access(P.REFUND_ASK))
    async def send_back(
        self, request: AnyRequest, tx: NamedDependency[Tx], line_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            await transfer_lines.send_back(tx, line_id, (await read_form(request, ReasonForm)).reason)
        return await _after(tx, line_id, tried.refused, request)

    @post("/refund", opt=access(P.PAYMENT_RECORD))
    async def as_refund(
        self, request: AnyRequest, tx: NamedDependency[Tx], line_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            await transfer_lines.as_refund(tx, line_id)
        return await _after(tx, line_id, tried.refused, request)

    @post("/aside", opt=access(P.PAYMENT_RECORD))
    async def set_aside(
        self, request: AnyRequest, tx: NamedDependency[Tx], line_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            await transfer_lines.set_aside(tx, line_id, (await read_form(request, ReasonForm)).reason)
        return await _after(tx, line_id, tried.refused, request)


async def _after(tx: Tx, line_id: str, refused: Refused | None, request: AnyRequest) -> Template | Redirect:
    if must_be_shown(refused) is None:
        return see_other(f"/treasury/statements?done={line_id}")
    return await _line(tx, line_id, refused, getattr(request.state, "typed", None))


async def _line(tx: Tx, line_id: str, refused: Refused | None = None, typed: Any = None) -> Template:
    told = await transfer_lines.told(tx, line_id)
    charges = await service.charges(tx, {told.charge} - {""})
    charge = charges.get(told.charge)
    came = told.outcome is Outcome.PERSON and told.line.money.amount > 0 and not told.line.reversal
    open_ = await service.asking(tx, told.line.money) if came else []
    known = await names(tx, [one.payer for one in (*charges.values(), *open_)], [told.settled_by])
    shown: dict[str, Any] = {"told": told, "charge": charge, "choices": open_, "names": known}
    return page("payments/bank_line.html", refused=refused, typed=typed, **shown)
