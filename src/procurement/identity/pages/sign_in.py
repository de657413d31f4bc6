"""Signing in and out, and stepping into a fictional person of a sandbox."""

import logging
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from procurement.identity.pages import entry
from procurement.identity.rules import addresses
from procurement.identity.rules.passkeys import relying_party
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import people, rates, second_factor, sessions, sign_in
from procurement.infra.oidc import registered
from procurement.infra.ratelimit import Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

DESK = "/desk"

log = logging.getLogger(__name__)


class SignInForm(msgspec.Struct, frozen=True):
    email: str
    password: str
    next: str = ""


class CodeForm(msgspec.Struct, frozen=True):
    challenge: str
    code: str
    next: str = ""


class FictionalForm(msgspec.Struct, frozen=True):
    person: str
    next: str = ""


class SignInPages(Controller):
    include_in_schema = False

    @get("/sign-in", opt=access("public"))
    async def page_to_sign_in(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], next: FromQuery[str] = ""
    ) -> Response[Any]:
        if tx.actor.person:
            return see_other(addresses.next_page(next) or DESK)
        return await sign_in_page(tx, settings, next)

    @post("/sign-in", opt=access("public"))
    async def sign_in(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        to = person = challenge = ""
        async with tx.trying() as tried:
            form = await read_form(request, SignInForm)
            to = addresses.next_page(form.next)
            await limits.spend(rates.PEER, peer(request, settings.trusted_proxy))
            await limits.spend(rates.ACCOUNT, addresses.email(form.email))
            person, challenge = await sign_in.with_password(tx, form.email, form.password)
        if tried.refused:
            log.warning("sign-in refused: %s from %r", tried.refused.code, peer(request, settings.trusted_proxy))
            return await sign_in_page(tx, settings, to, tried.refused, request.state.typed)
        if challenge:
            return await _code_page(tx, settings, challenge, to)
        return await entry.enter(request, tx, door, person, to or DESK, proved_by=ProvedBy.PASSWORD)

    @post("/sign-in/code", opt=access("public"))
    async def code(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        form = await read_form(request, CodeForm)
        to, person = addresses.next_page(form.next), ""
        async with tx.trying() as tried:
            await limits.spend(rates.PEER, peer(request, settings.trusted_proxy))
            await limits.spend(rates.ACCOUNT, await sign_in.challenged(tx, form.challenge))
            person = await sign_in.with_code(tx, form.challenge, form.code)
        if tried.refused:
            log.warning("sign-in refused: %s from %r", tried.refused.code, peer(request, settings.trusted_proxy))
        if tried.refused and tried.refused.code == "challenge-expired":
            return await sign_in_page(tx, settings, to, tried.refused)
        if tried.refused:
            return await _code_page(tx, settings, form.challenge, to, tried.refused)
        return await entry.enter(request, tx, door, person, to or DESK, proved_by=ProvedBy.CODE)

    @post("/practice/sign-in", opt=access("public"))
    async def practice(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door]
    ) -> Response[Any]:
        form = await read_form(request, FictionalForm)
        person = await sign_in.as_fictional(tx, form.person)
        to = addresses.next_page(form.next) or DESK
        return await entry.enter(request, tx, door, person, to, proved_by=ProvedBy.PRACTICE)

    @post("/sign-out", opt=access("public"))
    async def sign_out(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        settings: NamedDependency[Settings],
    ) -> Response[Any]:
        """Who came in by a provider is offered to end the session there too."""
        provider = ""
        if request.state.session:
            provider = await sessions.end_session(tx, request.state.session)
        known = provider in {one.key for one in registered(settings)}
        return entry.without_session(see_other(f"/signed-out/{provider}" if known else "/"), door)


async def sign_in_page(
    tx: Tx, settings: Settings, to: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    fictional = await people.fictional_people(tx) if tx.sandbox else []
    return page(
        "identity/sign_in.html",
        refused=refused,
        typed=typed,
        fictional=fictional,
        passkeys_here=relying_party(settings.base_url) is not None,
        providers=registered(settings),
        next=addresses.next_page(to),
    )


async def _code_page(
    tx: Tx, settings: Settings, challenge: str, to: str, refused: Refused | None = None
) -> Response[Any]:
    """The second step: a code of the app where there is one, a passkey where there is one, a recovery code."""
    person = await sign_in.challenged(tx, challenge)
    return page(
        "identity/code.html",
        refused=refused,
        challenge=challenge,
        next=to,
        app_is_on=await second_factor.app_is_on(tx, person),
        has_passkey=relying_party(settings.base_url) is not None and await second_factor.has_passkey(tx, person),
    )
