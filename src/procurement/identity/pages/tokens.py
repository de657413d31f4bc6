"""Tokens for programs: made for one organisation and some of what one may do there, and ended by hand."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.rules import scopes
from procurement.identity.rules.scopes import Scope
from procurement.identity.service import registry, tokens
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused


class TokenForm(msgspec.Struct, frozen=True):
    label: str
    organisation: str
    scopes: list[Scope]
    days: int


class TokenPages(Controller):
    path = "/account/tokens"
    include_in_schema = False

    @get("/new", opt=access("signed-in"))
    async def form(self, tx: NamedDependency[Tx]) -> Response[Any]:
        tx.actor.must_be_stepped_up(tx.real_now)
        return await _form(tx)

    @post("/", opt=access("signed-in"))
    async def issue(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        token = ""
        async with tx.trying() as tried:
            form = await read_form(request, TokenForm)
            token = await tokens.issue_for(tx, form.label, form.days, form.organisation, form.scopes)
        if tried.refused and tried.refused.status in (404, 422):
            return await _form(tx, tried.refused)
        if tried.refused:
            raise tried.refused
        return page("identity/token.html", token=token)

    @post("/{token_id:str}/revoke", opt=access("signed-in"))
    async def revoke(self, tx: NamedDependency[Tx], token_id: FromPath[str]) -> Response[Any]:
        await tokens.revoke(tx, token_id)
        return see_other("/account")


async def _form(tx: Tx, refused: Refused | None = None) -> Response[Any]:
    return page(
        "identity/new_token.html",
        refused=refused,
        organisations=await registry.organisations(tx, {org for org, _ in tx.actor.roles}),
        acting_for=tx.actor.organisation,
        scopes=scopes.useful(role for _, role in tx.actor.roles),
    )
