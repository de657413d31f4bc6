"""A supplier registers: one page, one letter, and they can bid. Who has an account registers on the page alone."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity.pages import entry
from procurement.identity.rules import addresses
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import rates, registration, sessions
from procurement.identity.service.registration import NewOrganisation, Registration
from procurement.infra.ratelimit import Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.settings import Settings

REGISTER = "/register"


class RegisterPages(Controller):
    include_in_schema = False

    @get(REGISTER, opt=access("public"))
    async def register_page(self, tx: NamedDependency[Tx], next: FromQuery[str] = "") -> Response[Any]:
        return page("identity/register.html", next=addresses.next_page(next))

    @post(REGISTER, opt=access("public"))
    async def register(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
        next: FromQuery[str] = "",
    ) -> Response[Any]:
        """A newcomer is answered the same whether or not the address has an account: the letter says it."""
        somebody, to = tx.actor.person, addresses.next_page(next)
        async with tx.trying() as tried:
            await limits.spend(rates.REGISTER, peer(request, settings.trusted_proxy))
            if somebody:
                form = await read_form(request, NewOrganisation)
                await sessions.act_for(tx, request.state.session, await registration.add_organisation(tx, form))
            else:
                newcomer = await read_form(request, Registration)
                await registration.ask(tx, newcomer, to)
                await limits.spend(rates.RECOVER, addresses.email(newcomer.email))
        if tried.refused:
            return page("identity/register.html", refused=tried.refused, typed=request.state.typed, next=to)
        return see_other(_done(to)) if somebody else page("identity/register_sent.html", address=newcomer.email)

    @get("/register/done", opt=access("signed-in"))
    async def done(self, tx: NamedDependency[Tx], next: FromQuery[str] = "") -> Response[Any]:
        return page("identity/registered.html", next=addresses.next_page(next))

    @get("/register/{token:str}", opt=access("public"))
    async def link_page(self, tx: NamedDependency[Tx], token: FromPath[str]) -> Response[Any]:
        """A button, not the end: programs that look at letters before their readers do follow links too."""
        async with tx.trying() as tried:
            row = await registration.waiting(tx, token)
        if tried.refused:
            return page("identity/link_dead.html", refused=tried.refused, again=REGISTER)
        return page("identity/register_finish.html", waiting=row)

    @post("/register/{token:str}", opt=access("public"))
    async def finish(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
        token: FromPath[str],
    ) -> Response[Any]:
        person, to, before = "", "", tx.actor
        async with tx.trying() as tried:
            await limits.spend(rates.REGISTER, peer(request, settings.trusted_proxy))
            person, to = await registration.finish(tx, token)
        if tried.refused:
            tx.actor = before
            return page("identity/link_dead.html", refused=tried.refused, again=REGISTER)
        return await entry.enter(request, tx, door, person, _done(to), proved_by=ProvedBy.PASSWORD)


def _done(to: str) -> str:
    return f"/register/done?{urlencode({'next': to})}" if to else "/register/done"
