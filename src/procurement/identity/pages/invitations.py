"""The link in an invitation: accepted by the person signed in, or by a new one."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.pages import entry
from procurement.identity.rules.strength import ProvedBy
from procurement.identity.service import invitations, rates, registry, sessions
from procurement.infra.ratelimit import Limits, peer
from procurement.infra.tx import Tx
from procurement.infra.web import Door, access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.refusal import Refused
from procurement.settings import Settings


class AcceptForm(msgspec.Struct, frozen=True):
    name: str = ""
    password: str = ""


class InvitationPages(Controller):
    path = "/invitations/{token:str}"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def invitation(self, tx: NamedDependency[Tx], token: FromPath[str]) -> Response[Any]:
        return await _invitation(tx, token)

    @post("/", opt=access("public"))
    async def accept(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        limits: NamedDependency[Limits],
        settings: NamedDependency[Settings],
        token: FromPath[str],
    ) -> Response[Any]:
        """Ends signed in, acting for the organisation that invited."""
        person = organisation = ""
        async with tx.trying() as tried:
            form = await read_form(request, AcceptForm)
            await limits.spend(rates.REGISTER, peer(request, settings.trusted_proxy))
            person, organisation = await invitations.accept(tx, token, name=form.name, password=form.password)
        if tried.refused:
            return await _invitation(tx, token, tried.refused, request.state.typed)
        if tx.actor.person:  # a link proves nobody: the same session goes on, confirmed when it was confirmed
            await sessions.act_for(tx, request.state.session, organisation)
            return see_other("/desk")
        return await entry.enter(
            request, tx, door, person, "/desk", acting_for=organisation, proved_by=ProvedBy.PASSWORD
        )


async def _invitation(
    tx: Tx, token: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    async with tx.trying() as tried:
        row = await invitations.invitation(tx, token)
    if tried.refused:
        return page("identity/link_dead.html", refused=tried.refused, again="")
    at = await registry.organisation(tx, row.organisation)
    return page("identity/invitation.html", refused=refused, typed=typed, invitation=row, organisation=at)
