"""Every charge, found by its reference, and one with everything that became of it; asking for a refund or to keep."""

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, invalid
from procurement.payments import service
from procurement.payments.pages.treasury.shown import must_be_shown, names


class RefundForm(msgspec.Struct, frozen=True):
    amount: str
    reason: str


class ForfeitureForm(msgspec.Struct, frozen=True):
    amount: str
    reason: str
    basis: str


class ChargePages(Controller):
    path = "/treasury/charges"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def listed(
        self, tx: NamedDependency[Tx], reference: FromQuery[str] = "", before: FromQuery[str] = ""
    ) -> Template | Redirect:
        """With a reference of ours on to that charge."""
        async with tx.trying() as tried:
            found = await service.listed(tx, before=before, reference=reference)
        if tried.refused:
            must_be_shown(tried.refused)
            found = await service.listed(tx)
        elif reference and found.charges:
            return see_other(f"/treasury/charges/{found.charges[0].id}")
        known = await names(tx, [one.payer for one in found.charges], [])
        return page(
            "payments/treasury_charges.html",
            refused=tried.refused,
            typed={"reference": reference},
            found=found,
            names=known,
            reference=reference,
        )

    @get("/{charge_id:str}", opt=access(P.PAYMENT_READ))
    async def charge(self, tx: NamedDependency[Tx], charge_id: FromPath[str]) -> Template:
        return await story(tx, charge_id)

    @post("/{charge_id:str}/refunds", opt=access(P.REFUND_ASK))
    async def refund(
        self, request: AnyRequest, tx: NamedDependency[Tx], charge_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            form = await read_form(request, RefundForm)
            await service.ask_refund(tx, charge_id, await _money(tx, charge_id, form.amount), form.reason)
        if must_be_shown(tried.refused) is None:
            return see_other(f"/treasury/charges/{charge_id}")
        return await story(tx, charge_id, tried.refused, _typed(request))

    @get("/{charge_id:str}/keep", opt=access(P.REFUND_ASK))
    async def keep(self, tx: NamedDependency[Tx], charge_id: FromPath[str]) -> Template:
        return await _shown("payments/treasury_keep.html", tx, charge_id)

    @post("/{charge_id:str}/forfeitures", opt=access(P.REFUND_ASK))
    async def ask_to_keep(
        self, request: AnyRequest, tx: NamedDependency[Tx], charge_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            form = await read_form(request, ForfeitureForm)
            money = await _money(tx, charge_id, form.amount)
            await service.ask_forfeiture(tx, charge_id, money, form.reason, form.basis)
        if must_be_shown(tried.refused) is None:
            return see_other(f"/treasury/charges/{charge_id}")
        return await _shown("payments/treasury_keep.html", tx, charge_id, tried.refused, _typed(request))


async def _money(tx: Tx, charge_id: str, typed: str) -> Money:
    """What was typed, in the currency of the charge."""
    try:
        return Money.parse(typed, (await service.charge(tx, charge_id)).amount.currency)
    except Refused as no:
        raise no if no.status != 422 else invalid(no.detail, amount=no.detail) from None


def _typed(request: AnyRequest) -> Any:
    return getattr(request.state, "typed", None)


async def story(tx: Tx, charge_id: str, refused: Refused | None = None, typed: Any = None) -> Template:
    """The charge; with what went wrong, after something that was decided about it."""
    return await _shown("payments/treasury_charge.html", tx, charge_id, refused, typed)


async def _shown(template: str, tx: Tx, charge_id: str, refused: Refused | None = None, typed: Any = None) -> Template:
    found = await service.story(tx, charge_id)
    known = await names(tx, [found.charge.payer, found.charge.payee], [event.by for event in found.events])
    return page(template, refused=refused, typed=typed, story=found, names=known)
