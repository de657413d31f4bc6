"""The account to which an organisation wants its money back. Only its own people and the treasury see it."""

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.pages.treasury.shown import must_be_shown
from procurement.payments.service import transfer


class AccountForm(msgspec.Struct, frozen=True):
    iban: str = ""
    holder: str = ""


class RefundAccountPages(Controller):
    path = "/payments/account"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ_OWN))
    async def account(self, tx: NamedDependency[Tx], saved: FromQuery[bool] = False) -> Template:
        return await _account(tx, saved=saved)

    @post("/", opt=access(P.PAYMENT_PAY))
    async def save(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Template | Redirect:
        async with tx.trying() as tried:
            form = await read_form(request, AccountForm)
            await transfer.set_refund_account(tx, tx.actor.organisation, form.iban, form.holder)
        if must_be_shown(tried.refused) is None:
            return see_other("/payments/account?saved=1")
        return await _account(tx, tried.refused, request.state.typed)

    @post("/remove", opt=access(P.PAYMENT_PAY))
    async def remove(self, tx: NamedDependency[Tx]) -> Redirect:
        await transfer.remove_refund_account(tx, tx.actor.organisation)
        return see_other("/payments/account")


async def _account(tx: Tx, refused: Refused | None = None, typed: Any = None, *, saved: bool = False) -> Template:
    found = await transfer.refund_account(tx, tx.actor.organisation)
    return page("payments/bank_account.html", refused=refused, typed=typed, account=found, saved=saved)
