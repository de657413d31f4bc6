"""A supplier registers: one page, and they can bid."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from procurement.identity.pages import entry
from procurement.identity.rules import addresses
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import rates, registration
from procurement.identity.service.registration import Registration
from procurement.infra.ratelimit import Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form
from procurement.infra.web.door import AnyRequest
from procurement.settings import Settings


class RegisterPages(Controller):
    include_in_schema = False

    @get("/register", opt=access("public"))
    async def register_page(self, tx: NamedDependency[Tx], next: FromQuery[str] = "") -> Response[Any]:
        return page("identity/register.html", next=addresses.next_page(next))

    @post("/register", opt=access("public"))
    async def register(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
        next: FromQuery[str] = "",
    ) -> Response[Any]:
        person, before, to = "", tx.actor, addresses.next_page(next)
        async with tx.trying() as tried:
            form = await read_form(request, Registration)
            await limits.spend(rates.REGISTER, peer(request, settings.trusted_proxy))
            person = await registration.register(tx, form)
        if tried.refused:
            tx.actor = before
            return page("identity/register.html", refused=tried.refused, typed=request.state.typed, next=to)
        done = f"/register/done?{urlencode({'next': to})}" if to else "/register/done"
        return await entry.enter(request, tx, door, person, done, proved_by=ProvedBy.PASSWORD)

    @get("/register/done", opt=access("signed-in"))
    async def done(self, tx: NamedDependency[Tx], next: FromQuery[str] = "") -> Response[Any]:
        return page("identity/registered.html", next=addresses.next_page(next))
