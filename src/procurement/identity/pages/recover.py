"""A forgotten password: ask for a link, and use it."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.rules import addresses
from procurement.identity.service import rates, recovery
from procurement.infra.ratelimit import Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form
from procurement.infra.web.door import AnyRequest
from procurement.settings import Settings


class RecoverForm(msgspec.Struct, frozen=True):
    email: str


class NewPasswordForm(msgspec.Struct, frozen=True):
    password: str


class RecoverPages(Controller):
    path = "/recover"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def ask_page(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return page("identity/recover.html")

    @post("/", opt=access("public"))
    async def ask(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        """The same answer for every address, known or not."""
        async with tx.trying() as tried:
            form = await read_form(request, RecoverForm)
            await limits.spend(rates.PEER, peer(request, settings.trusted_proxy))
            await limits.spend(rates.RECOVER, addresses.email(form.email))
            await recovery.ask(tx, form.email)
        if tried.refused:
            return page("identity/recover.html", refused=tried.refused, typed=request.state.typed)
        return page("identity/recover_sent.html")

    @get("/{token:str}", opt=access("public"))
    async def link_page(self, tx: NamedDependency[Tx], token: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            await recovery.recovering(tx, token)
        if tried.refused:
            return page("identity/link_dead.html", refused=tried.refused, again="/recover")
        return page("identity/new_password.html")

    @post("/{token:str}", opt=access("public"))
    async def use(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
        token: FromPath[str],
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, NewPasswordForm)
            await limits.spend(rates.PEER, peer(request, settings.trusted_proxy))
            await recovery.recover(tx, token, form.password)
        if tried.refused and tried.refused.code == "recovery-expired":
            return page("identity/link_dead.html", refused=tried.refused, again="/recover")
        if tried.refused:
            return page("identity/new_password.html", refused=tried.refused)
        return page("identity/recovered.html")
