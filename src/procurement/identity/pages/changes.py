"""What administrators change about an organisation: its name, and, two of them together, its owner or its end."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from procurement.identity.rules.changes import Motion
from procurement.identity.service import motions, naming, people, registry
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused

ALL = "/motions"


class NameForm(msgspec.Struct, frozen=True):
    name: str


class OwnerForm(msgspec.Struct, frozen=True):
    email: str
    evidence: str


class MergerForm(msgspec.Struct, frozen=True):
    """`grounds` is the evidence: a page has each name of a field once."""

    successor: str
    grounds: str


class MotionPages(Controller):
    path = ALL
    include_in_schema = False

    @get("/", opt=access(P.ORGANISATION_REGISTER))
    async def every(self, tx: NamedDependency[Tx], organisation: FromQuery[str] = "") -> Response[Any]:
        """What waits for a second administrator; with `organisation`, on to that one's page."""
        if organisation.strip():
            found = await registry.organisation(tx, organisation.strip())
            return see_other(f"/organisations/{found.id}/changes")
        return await _waiting(tx)

    @post("/{motion_id:str}/carry", opt=access(P.ORGANISATION_REGISTER))
    async def carry(self, tx: NamedDependency[Tx], motion_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            await motions.carry(tx, motion_id)
        if no := tried.refused:
            if no.status != 409 and no.code != "same-person":
                raise no
            return await _waiting(tx, no)
        return see_other(ALL)

    @post("/{motion_id:str}/decline", opt=access(P.ORGANISATION_REGISTER))
    async def decline(self, tx: NamedDependency[Tx], motion_id: FromPath[str]) -> Response[Any]:
        await motions.decline(tx, motion_id)
        return see_other(ALL)


class ChangePages(Controller):
    path = "/organisations/{institution_id:str}/changes"
    include_in_schema = False

    @get("/", opt=access(P.ORGANISATION_REGISTER))
    async def changes(self, tx: NamedDependency[Tx], institution_id: FromPath[str]) -> Response[Any]:
        return await _changes(tx, institution_id)

    @post("/name", opt=access(P.ORGANISATION_REGISTER))
    async def rename(
        self, request: AnyRequest, tx: NamedDependency[Tx], institution_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, NameForm)
            await naming.rename(tx, institution_id, form.name)
        return await _done(request, tx, institution_id, tried.refused)

    @post("/owner", opt=access(P.ORGANISATION_REGISTER))
    async def appoint(
        self, request: AnyRequest, tx: NamedDependency[Tx], institution_id: FromPath[str]
    ) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, OwnerForm)
            await motions.propose_owner(tx, institution_id, form.email, form.evidence)
        return await _done(request, tx, institution_id, tried.refused)

    @post("/merger", opt=access(P.ORGANISATION_REGISTER))
    async def merge(self, request: AnyRequest, tx: NamedDependency[Tx], institution_id: FromPath[str]) -> Response[Any]:
        async with tx.trying() as tried:
            form = await read_form(request, MergerForm)
            await motions.propose_merge(tx, institution_id, form.successor, form.grounds)
        return await _done(request, tx, institution_id, tried.refused)


async def _done(request: AnyRequest, tx: Tx, organisation: str, no: Refused | None) -> Response[Any]:
    """Back to the page, or the page itself with what was wrong."""
    if no and no.status in (401, 403, 404):
        raise no
    if no:
        return await _changes(tx, organisation, no, request.state.typed)
    return see_other(f"/organisations/{organisation}/changes")


async def _waiting(tx: Tx, refused: Refused | None = None) -> Response[Any]:
    found = await motions.waiting(tx)
    return page("identity/motions.html", refused=refused, motions=found, **await _named(tx, found))


async def _changes(
    tx: Tx, organisation: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Response[Any]:
    found = await motions.waiting(tx, organisation)
    at = await registry.organisation(tx, organisation)
    return page(
        "identity/changes.html",
        refused=refused,
        typed=typed,
        organisation=at,
        into=(await registry.organisations(tx, [at.merged_into])).get(at.merged_into),
        former=await naming.former_names(tx, organisation),
        motions=found,
        **await _named(tx, found),
    )


async def _named(tx: Tx, found: list[Motion]) -> dict[str, Any]:
    ids = {id_ for one in found for id_ in (one.organisation, one.successor)}
    return {
        "organisations": await registry.organisations(tx, ids),
        "names": await people.person_names(tx, {one.proposed_by for one in found}),
    }
