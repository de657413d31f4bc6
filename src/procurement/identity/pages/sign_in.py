"""Signing in and out, and stepping into a fictional person of a sandbox."""

import logging
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from procurement.identity.pages import entry
from procurement.identity.rules import addresses
from procurement.identity.service import people, rates, sessions, sign_in
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
    async def sign_in_page(self, tx: NamedDependency[Tx], next: FromQuery[str] = "") -> Response[Any]:
        if tx.actor.person:
            return see_other(addresses.next_page(next) or DESK)
        return await _sign_in_page(tx, next)

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
            return await _sign_in_page(tx, to, tried.refused, request.state.typed)
        if challenge:
            return page("identity/code.html", challenge=challenge, next=to)
        return await entry.enter(request, tx, door, person, to or DESK)

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
            return await _sign_in_page(tx, to, tried.refused)
        if tried.refused:
            return page("identity/code.html", refused=tried.refused, challenge=form.challenge, next=to)
        return await entry.enter(request, tx, door, person, to or DESK)

    @post("/practice/sign-in", opt=access("public"))
    async def practice(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door]
    ) -> Response[Any]:
        form = await read_form(request, FictionalForm)
        person = await sign_in.as_fictional(tx, form.person)
        return await entry.enter(request, tx, door, person, addresses.next_page(form.next) or DESK)

    @post("/sign-out", opt=access("public"))
    async def sign_out(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door]
    ) -> Response[Any]:
        if request.state.session:
            await sessions.end_session(tx, request.state.session)
        return entry.without_session(see_other("/"), door)


async def _sign_in_page(
    tx: Tx, to: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    fictional = await people.fictional_people(tx) if tx.sandbox else []
    return page(
        "identity/sign_in.html", refused=refused, typed=typed, fictional=fictional, next=addresses.next_page(to)
    )
