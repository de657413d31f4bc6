"""The organisation one acts for: its people, what they may do, and whom it has invited."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.identity.rules import addresses, membership
from procurement.identity.service import access_reviews, invitations, memberships, naming, rates, registry
from procurement.infra.ratelimit import Limits
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P, Role
from procurement.kernel.refusal import Refused, unknown

OURS = "/organisation"


class InvitationForm(msgspec.Struct, frozen=True):
    email: str
    role: Role


class NameForm(msgspec.Struct, frozen=True):
    name: str


class SuccessorForm(msgspec.Struct, frozen=True):
    successor: str


class RolesForm(msgspec.Struct, frozen=True):
    roles: list[Role] = []  # msgspec copies it; no box ticked sends nothing


class OrganisationPages(Controller):
    path = OURS
    include_in_schema = False

    @get("/", opt=access(P.ORGANISATION_READ))
    async def organisation(self, tx: NamedDependency[Tx]) -> Response[Any]:
        return await _organisation(tx)

    @post("/invitations", opt=access(P.ORGANISATION_MANAGE))
    async def invite(
        self, request: AnyRequest, tx: NamedDependency[Tx], limits: NamedDependency[Limits]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, InvitationForm)
            await limits.spend(rates.INVITE, tx.actor.organisation)
            await limits.spend(rates.INVITED, addresses.email(form.email))
            await invitations.invite(tx, tx.actor.organisation, form.email, form.role)
        if tried.refused and tried.refused.status != 403:
            return await _organisation(tx, tried.refused, request.state.typed)
        if tried.refused:
            raise tried.refused
        return see_other(OURS)

    @post("/invitations/{invitation_id:str}/withdraw", opt=access(P.ORGANISATION_MANAGE))
    async def withdraw(self, tx: NamedDependency[Tx], invitation_id: FromPath[str]) -> Response[Any]:
        await invitations.withdraw(tx, invitation_id)
        return see_other(OURS)

    @get("/people/{person:str}", opt=access(P.ORGANISATION_MANAGE))
    async def member(self, tx: NamedDependency[Tx], person: FromPath[str]) -> Response[Any]:
        return await _member(tx, person)

    @post("/people/{person:str}/roles", opt=access(P.ORGANISATION_MANAGE))
    async def set_roles(self, request: AnyRequest, tx: NamedDependency[Tx], person: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, RolesForm)
            await memberships.set_roles(tx, tx.actor.organisation, person, form.roles)
        if tried.refused and tried.refused.status in (409, 422):
            return await _member(tx, person, tried.refused, request.state.typed)
        if tried.refused:
            raise tried.refused
        return see_other(OURS)

    @post("/name", opt=access(P.ORGANISATION_MANAGE))
    async def rename(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        """For suppliers; administrators rename the others."""
        async with tx.trying() as tried:
            form = await read_form(request, NameForm)
            await naming.rename(tx, tx.actor.organisation, form.name)
        return await _done(request, tx, tried.refused, OURS)

    @post("/leave", opt=access(P.ORGANISATION_MANAGE))
    async def leave(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Response[Any]:
        """Leave, and make a colleague the owner."""
        async with tx.trying() as tried:
            form = await read_form(request, SuccessorForm)
            await memberships.leave_to(tx, tx.actor.organisation, form.successor)
        return await _done(request, tx, tried.refused, "/account")

    @post("/people/{person:str}/remove", opt=access(P.ORGANISATION_READ))
    async def remove(self, tx: NamedDependency[Tx], person: FromPath[str]) -> Response[Any]:
        """Remove somebody, or leave oneself."""
        async with tx.trying() as tried:
            await memberships.remove(tx, tx.actor.organisation, person)
        if tried.refused and tried.refused.status == 409:
            return await _organisation(tx, tried.refused)
        if tried.refused:
            raise tried.refused
        return see_other("/account" if person == tx.actor.person else OURS)


async def _done(request: AnyRequest, tx: Tx, no: Refused | None, to: str) -> Response[Any]:
    """On to another page, or this one with what was wrong."""
    if no and no.status in (401, 403, 404):
        raise no
    return await _organisation(tx, no, request.state.typed) if no else see_other(to)


async def _organisation(tx: Tx, refused: Refused | None = None, typed: dict[str, Any] | None = None) -> Response[Any]:
    ours = tx.actor.organisation
    tx.actor.must(P.ORGANISATION_READ, of=ours)
    at = await registry.organisation(tx, ours)
    manages = tx.actor.may(P.ORGANISATION_MANAGE, ours)
    members = await memberships.members(tx, ours)
    return page(
        "identity/organisation.html",
        refused=refused,
        typed=typed,
        organisation=at,
        members=members,
        successors=membership.successors(members, tx.actor.person),
        former=await naming.former_names(tx, ours),
        review=await access_reviews.state(tx, ours) if manages else None,
        real_now=tx.real_now,
        invitations=await invitations.open_invitations(tx, ours) if manages else [],
        manages=manages,
        roles=membership.roles_of(at.kind),
    )


async def _member(
    tx: Tx, person: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    ours = tx.actor.organisation
    tx.actor.must(P.ORGANISATION_MANAGE, of=ours)
    at = await registry.organisation(tx, ours)
    found = [member for member in await memberships.members(tx, ours) if member.person == person]
    if not found:
        raise unknown("person")
    roles = membership.roles_of(at.kind)
    return page("identity/member.html", refused=refused, typed=typed, organisation=at, member=found[0], roles=roles)
