"""Proving again who one is, before what matters; and more strongly, where a role asks for it."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from procurement.identity.pages import entry
from procurement.identity.rules import addresses
from procurement.identity.rules.passkeys import relying_party
from procurement.identity.rules.strength import Demand
from procurement.identity.service import passkeys, providers, rates, second_factor, sessions, sign_in
from procurement.infra.oidc import Registered, registered
from procurement.infra.ratelimit import Limits
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

ACCOUNT = "/account"


class StepUpForm(msgspec.Struct, frozen=True):
    password: str = ""
    code: str = ""
    next: str = ""


class StepUpPages(Controller):
    path = ACCOUNT
    include_in_schema = False

    @get("/step-up", opt=access("signed-in"))
    async def page_to_confirm(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], next: FromQuery[str] = ""
    ) -> Response[Any]:
        return await step_up_page(tx, settings, next)

    @post("/step-up", opt=access("signed-in"))
    async def step_up(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        """Password or code again. The session goes on under a new token: the one used until now is dead."""
        form, token = await read_form(request, StepUpForm), ""
        async with tx.trying() as tried:
            await limits.spend(rates.ACCOUNT, tx.actor.person)
            proved_by = await sign_in.prove_again(tx, form.password, form.code)
            token = await sessions.replace(tx, request.state.session, proved_by)
        if tried.refused:
            return await step_up_page(tx, settings, form.next, tried.refused)
        return entry.with_session(see_other(addresses.next_page(form.next) or ACCOUNT), door, token)

    @get("/protect", opt=access("signed-in"))
    async def protect(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], next: FromQuery[str] = ""
    ) -> Response[Any]:
        """What a role needs that the password alone did not show, and how to show it; done already means onward."""
        to = addresses.next_page(next) or "/desk"
        if not tx.actor.withheld and not await second_factor.is_owed(tx):
            return see_other(to)
        return page(
            "identity/protect.html",
            next=to,
            providers=await _providers(tx, settings),
            passkey_only=Demand(settings.staff_proof) is Demand.PASSKEY,
            **await _ways(tx, settings),
        )


async def step_up_page(tx: Tx, settings: Settings, to: str, refused: Refused | None = None) -> Response[Any]:
    return page(
        "identity/step_up.html",
        refused=refused,
        next=addresses.next_page(to),
        fictional=await sign_in.is_fictional(tx),
        has_password=await sign_in.has_password(tx),
        providers=await _providers(tx, settings),
        **await _ways(tx, settings),
    )


async def _providers(tx: Tx, settings: Settings) -> list[Registered]:
    """Those that sign this person in, and can say that they asked for more than a password."""
    linked = {one.issuer for one in await providers.links(tx)}
    return [one for one in registered(settings) if one.strong_acr and one.issuer in linked]


async def _ways(tx: Tx, settings: Settings) -> dict[str, Any]:
    """What whoever is signed in has to show, beside a password, and whether passkeys work at this address."""
    here = relying_party(settings.base_url) is not None
    return {
        "app_is_on": await second_factor.app_is_on(tx, tx.actor.person),
        "has_passkey": here and bool(await passkeys.own(tx)),
        "passkeys_here": here,
    }
