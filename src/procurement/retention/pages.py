"""What is kept and for how long, what ends next, and legal holds: for auditors and administrators."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.retention import service
from procurement.retention.rules import Hold

SHOWN_AGAIN = (403, 404, 409, 422)  # refusals that the page itself shows


class HoldForm(msgspec.Struct, frozen=True):
    about: Literal["process", "organisation", "person"]
    subject: str
    reason: str


class LiftForm(msgspec.Struct, frozen=True):
    reason: str


class RetentionPages(Controller):
    path = "/retention"
    include_in_schema = False

    @get("/", opt=access(P.RETENTION_READ))
    async def overview(self, tx: NamedDependency[Tx]) -> Template:
        return await _page(tx)

    @post("/holds", opt=access(P.HOLD_PLACE))
    async def place(self, request: AnyRequest, tx: NamedDependency[Tx]) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, HoldForm)
            await service.place(tx, form.about, form.subject, form.reason)
        return await _done(tx, tried.refused, request.state.typed)

    @post("/holds/{hold_id:str}/ask", opt=access(P.HOLD_LIFT))
    async def ask(self, request: AnyRequest, tx: NamedDependency[Tx], hold_id: FromPath[str]) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.ask_to_lift(tx, hold_id, (await read_form(request, LiftForm)).reason)
        return await _done(tx, tried.refused)

    @post("/holds/{hold_id:str}/lift", opt=access(P.HOLD_LIFT))
    async def lift(self, tx: NamedDependency[Tx], hold_id: FromPath[str]) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.lift(tx, hold_id)
        return await _done(tx, tried.refused)


async def _done(tx: Tx, refused: Refused | None, typed: Any = None) -> Redirect | Template:
    if refused is None:
        return see_other("/retention")
    if refused.status not in SHOWN_AGAIN:
        raise refused
    return await _page(tx, refused, typed)


async def _page(tx: Tx, refused: Refused | None = None, typed: Any = None) -> Template:
    holds = await service.holds(tx)
    return page(
        "retention/overview.html",
        refused=refused,
        typed=typed,
        classes=await service.overview(tx),
        standing=[one for one in holds if one.lifted_at is None],
        lifted=[one for one in holds if one.lifted_at is not None],
        people=await identity.person_names(tx, _persons(holds)),
        organisations={
            id_: one.name
            for id_, one in (
                await identity.organisations(tx, {one.subject for one in holds if one.about == "organisation"})
            ).items()
        },
        viewer=tx.actor.person,
    )


def _persons(holds: Iterable[Hold]) -> set[str]:
    acted = {person for one in holds for person in (one.placed_by, one.lift_asked_by, one.lifted_by)}
    return (acted | {one.subject for one in holds if one.about == "person"}) - {""}


ROUTES = (RetentionPages,)
