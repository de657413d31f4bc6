"""The keys of one's organisation: compared with what their holders read out, and ended."""

from typing import Any

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.holders import service
from procurement.holders.pages.shared import again
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused

HERE = "/organisation/key-holders"


class ConfirmForm(msgspec.Struct, frozen=True):
    """`fingerprint`: the eight groups as the holder reads them out."""

    fingerprint: str


class EndForm(msgspec.Struct, frozen=True):
    reason: str


class ColleaguesPages(Controller):
    path = HERE
    include_in_schema = False

    @get("/", opt=access(P.HOLDER_CONFIRM))
    async def every(self, tx: NamedDependency[Tx]) -> Template:
        found = await service.of_organisation(tx, tx.actor.organisation)
        return page(
            "holders/colleagues.html",
            holders=found,
            people=await identity.person_names(tx, {one.person for one in found}),
            at=await identity.organisation(tx, tx.actor.organisation),
        )

    @get("/{holder_id:str}", opt=access(P.HOLDER_CONFIRM))
    async def one(self, tx: NamedDependency[Tx], holder_id: FromPath[str]) -> Template:
        return await _page(tx, holder_id)

    @post("/{holder_id:str}/confirm", opt=access(P.HOLDER_CONFIRM))
    async def confirm(
        self, request: AnyRequest, tx: NamedDependency[Tx], holder_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.confirm(tx, holder_id, (await read_form(request, ConfirmForm)).fingerprint)
        if no := again(tried):
            return await _page(tx, holder_id, no, request.state.typed)
        return see_other(f"{HERE}/{holder_id}")

    @post("/{holder_id:str}/end", opt=access(P.HOLDER_CONFIRM))
    async def end(self, request: AnyRequest, tx: NamedDependency[Tx], holder_id: FromPath[str]) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.end(tx, holder_id, (await read_form(request, EndForm)).reason)
        if no := again(tried):
            return await _page(tx, holder_id, no, request.state.typed)
        return see_other(f"{HERE}/{holder_id}")


async def _page(
    tx: Tx, holder_id: str, refused: Refused | None = None, typed: dict[str, Any] | None = None
) -> Template:
    found = await service.holder(tx, holder_id)
    people = await identity.person_names(tx, [found.person])
    return page(
        "holders/colleague.html",
        refused=refused,
        typed=typed,
        held=found,
        name=people.get(found.person, ""),
        own=found.person == tx.actor.person,
    )
