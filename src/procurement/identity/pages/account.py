"""One's own account: where one is signed in, the password, whom one acts for, and the end of it."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.pages import entry
from procurement.identity.rules.passkeys import relying_party
from procurement.identity.service import (
    accounts,
    passkeys,
    providers,
    rates,
    registry,
    second_factor,
    sessions,
    sign_in,
    tokens,
)
from procurement.infra.oidc import registered
from procurement.infra.ratelimit import Limits
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused
from procurement.settings import Settings


class PasswordForm(msgspec.Struct, frozen=True):
    current: str
    password: str


class ActForForm(msgspec.Struct, frozen=True):
    organisation: str


class AccountPages(Controller):
    path = "/account"
    include_in_schema = False

    @get("/", opt=access("signed-in"))
    async def account(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Response[Any]:
        return await _account(request, tx, settings)

    @post("/password", opt=access("signed-in"))
    async def change_password(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        """Signs out everywhere and stays signed in here, under a new token."""
        async with tx.trying() as tried:
            form = await read_form(request, PasswordForm)
            await limits.spend(rates.ACCOUNT, tx.actor.person)
            await accounts.change_password(tx, form.current, form.password, here=request.state.session)
        if tried.refused:
            return await _account(request, tx, settings, tried.refused)
        token = await sessions.replace(tx, request.state.session)
        return entry.with_session(see_other("/account"), door, token)

    @post("/sessions/{session_id:str}/end", opt=access("signed-in"))
    async def end_session(self, tx: NamedDependency[Tx], session_id: FromPath[str]) -> Response[Any]:
        await sessions.end_session(tx, session_id)
        return see_other("/account")

    @post("/sessions/end-others", opt=access("signed-in"))
    async def end_other_sessions(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        """Signs out everywhere else; tokens of programs go on, they have ends of their own."""
        await sessions.end_all_sessions(tx, tx.actor.person, but=request.state.session)
        return see_other("/account")

    @post("/organisation", opt=access("signed-in"))
    async def act_for(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        form = await read_form(request, ActForForm)
        await sessions.act_for(tx, request.state.session, form.organisation)
        return see_other("/desk")

    @get("/close", opt=access("signed-in"))
    async def close_page(self, tx: NamedDependency[Tx]) -> Response[Any]:
        tx.actor.must_be_stepped_up(tx.real_now)
        return page("identity/close.html")

    @post("/close", opt=access("signed-in"))
    async def close(self, tx: NamedDependency[Tx], door: NamedDependency[Door]) -> Response[Any]:
        async with tx.trying() as tried:
            await accounts.close_account(tx)
        if tried.refused and tried.refused.code == "last-owner":
            return page("identity/close.html", refused=tried.refused)
        if tried.refused:
            raise tried.refused
        return entry.without_session(see_other("/"), door)


async def _account(request: AnyRequest, tx: Tx, settings: Settings, refused: Refused | None = None) -> Response[Any]:
    held = tx.actor.roles | tx.actor.withheld
    return page(
        "identity/account.html",
        refused=refused,
        person=await accounts.me(tx),
        organisations=await registry.organisations(tx, {org for org, _ in held}),
        roles=sorted(held),
        withheld=bool(tx.actor.withheld),
        passkeys=await passkeys.own(tx),
        passkeys_here=relying_party(settings.base_url) is not None,
        has_password=await sign_in.has_password(tx),
        providers={one.key: one for one in registered(settings)},
        links={one.issuer: one for one in await providers.links(tx)},
        sessions=await sessions.open_sessions(tx),
        this_session=request.state.session,
        app_is_on=await second_factor.app_is_on(tx, tx.actor.person),
        codes_left=await second_factor.recovery_codes_left(tx),
        tokens=await tokens.tokens(tx),
    )
