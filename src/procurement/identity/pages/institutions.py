"""Buyers and oversight bodies, for administrators: who is registered, who is missing, and registering another."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity.rules import addresses
from procurement.identity.rules.institutions import NewInstitution
from procurement.identity.service import institutions, rates
from procurement.infra.ratelimit import Limits
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused

ALL = "/organisations"


class OwnerForm(msgspec.Struct, frozen=True):
    email: str


class InstitutionPages(Controller):
    path = ALL
    include_in_schema = False

    @get("/", opt=access(P.ORGANISATION_REGISTER))
    async def every(self, tx: NamedDependency[Tx], after: FromQuery[str] = "") -> Response[Any]:
        return await _every(tx, after)

    @post("/", opt=access(P.ORGANISATION_REGISTER))
    async def register(
        self, request: AnyRequest, tx: NamedDependency[Tx], limits: NamedDependency[Limits]
    ) -> Response[Any]:
        made = ""
        async with tx.trying() as tried:
            form = await read_form(request, NewInstitution)
            await limits.spend(rates.INVITE, tx.actor.organisation)
            made = await institutions.register(tx, form)
        if refused := _again(tried.refused):
            return await _every(tx, "", refused, request.state.typed)
        return see_other(f"{ALL}/{made}")

    @get("/{institution_id:str}", opt=access(P.ORGANISATION_REGISTER))
    async def one(self, tx: NamedDependency[Tx], institution_id: FromPath[str]) -> Response[Any]:
        return await _one(tx, institution_id)

    @post("/{institution_id:str}/owner", opt=access(P.ORGANISATION_REGISTER))
    async def invite_owner(
        self, request: AnyRequest, tx: NamedDependency[Tx], limits: NamedDependency[Limits],
        institution_id: FromPath[str],
    ) -> Response[Any]:  # fmt: skip
        async with tx.trying() as tried:
            form = await read_form(request, OwnerForm)
            await limits.spend(rates.INVITE, tx.actor.organisation)
            await limits.spend(rates.INVITED, addresses.email(form.email))
            await institutions.invite_owner(tx, institution_id, form.email)
        if refused := _again(tried.refused):
            return await _one(tx, institution_id, refused, request.state.typed)
        return see_other(f"{ALL}/{institution_id}")


def _again(refused: Refused | None) -> Refused | None:
    """What the same page shows; what concerns the person or the address has a page of its own."""
    if refused and refused.status in (401, 403, 404):
        raise refused
    return refused


async def _every(
    tx: Tx, after: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    found = await institutions.institutions(tx, after=after)
    following = found[-1].organisation.id if len(found) == institutions.PAGE else ""
    return page("identity/institutions.html", refused=refused, typed=typed, institutions=found, following=following)


async def _one(
    tx: Tx, institution_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    found = await institutions.institution(tx, institution_id)
    return page("identity/institution.html", refused=refused, typed=typed, institution=found)
