"""Deputies: what one lends, what is lent to oneself, and, for owners, everybody's."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.rules import delegations as rules
from procurement.identity.service import delegations, people, registry
from procurement.identity.service.delegations import Offer
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

OURS = "/organisation/deputies"


class OfferForm(msgspec.Struct, frozen=True):
    role: Role
    deputy: str
    first: str
    last: str
    reason: str


class DeputyPages(Controller):
    path = OURS
    include_in_schema = False

    @get("/", opt=access("signed-in"))
    async def deputies(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return await _deputies(tx)

    @post("/", opt=access("signed-in"))
    async def offer(
        self, request: AnyRequest, tx: NamedDependency[Tx], settings: NamedDependency[Settings]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, OfferForm)
            starts_at, ends_at = rules.days(form.first, form.last, tx.now, ZoneInfo(settings.official_timezone))
            asked = Offer(form.role, form.deputy, starts_at, ends_at, form.reason)
            await delegations.offer(tx, tx.actor.organisation, asked)
        if tried.refused and tried.refused.status not in (401, 403, 404):
            return await _deputies(tx, tried.refused, request.state.typed)
        if tried.refused:
            raise tried.refused
        return see_other(OURS)

    @post("/{delegation_id:str}/accept", opt=access("signed-in"))
    async def accept(self, tx: NamedDependency[Tx], delegation_id: FromPath[str]) -> Response[Any]:
        await delegations.accept(tx, delegation_id)
        return see_other(OURS)

    @post("/{delegation_id:str}/end", opt=access("signed-in"))
    async def end(self, tx: NamedDependency[Tx], delegation_id: FromPath[str]) -> Response[Any]:
        """End it, decline it, or take the offer back."""
        await delegations.end(tx, delegation_id)
        return see_other(OURS)


async def _deputies(tx: Tx, refused: Refused | None = None, typed: dict[str, Any] | None = None) -> Response[Any]:
    ours, me = tx.actor.organisation, tx.actor.person
    mine = await delegations.mine(tx, ours)
    manages = tx.actor.may(P.ORGANISATION_MANAGE, ours)
    others = [one for one in await delegations.ours(tx, ours) if me not in (one.giver, one.deputy)] if manages else []
    own = {role for org, role in tx.actor.roles if org == ours}
    own -= {role for org, role, _ in tx.actor.deputy_for if org == ours}
    return page(
        "identity/deputies.html",
        refused=refused,
        typed=typed,
        organisation=await registry.organisation(tx, ours),
        lent=[one for one in mine if one.giver == me],
        held=[one for one in mine if one.deputy == me],
        others=others,
        manages=manages,
        colleagues=await delegations.colleagues(tx, ours),
        names=await people.person_names(tx, {person for one in (*mine, *others) for person in (one.giver, one.deputy)}),
        roles=[role for role in rules.LENT if role in own],
        today=tx.now,
    )
