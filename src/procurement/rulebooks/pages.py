"""Rulebooks for everybody to read, and for two administrators to put in force."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.rulebooks import service


class Rulebooks(Controller):
    path = "/rulebooks"
    include_in_schema = False

    @get("/", opt=access("public"))
    async def every(self, tx: NamedDependency[Tx]) -> Template:
        return page("rulebooks/list.html", rulebooks=await service.every(tx))

    @get("/{rulebook_id:str}", opt=access("public"))
    async def read(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str]) -> Template:
        return await _rulebook(tx, rulebook_id)

    @get("/{rulebook_id:str}/file", opt=access("public"))
    async def file(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str]) -> Response[bytes]:
        """The bytes that the hash is over."""
        text = await service.source_text(tx, rulebook_id)
        headers = {"Content-Disposition": 'attachment; filename="rulebook.toml"'}
        return Response(text, media_type="application/toml", headers=headers)

    @post("/{rulebook_id:str}/propose", opt=access(P.RULEBOOK_PROPOSE))
    async def propose(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str]) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.propose(tx, rulebook_id)
        return await _decided(tx, rulebook_id, tried.refused)

    @post("/{rulebook_id:str}/activate", opt=access(P.RULEBOOK_ACTIVATE))
    async def activate(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str]) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.activate(tx, rulebook_id)
        return await _decided(tx, rulebook_id, tried.refused)


async def _decided(tx: Tx, rulebook_id: str, no: Refused | None) -> Redirect | Template:
    if no is None:
        return see_other(f"/rulebooks/{rulebook_id}")
    if no.status != 409 and no.code != "same-person":
        raise no
    return await _rulebook(tx, rulebook_id, no)


async def _rulebook(tx: Tx, rulebook_id: str, refused: Refused | None = None) -> Template:
    rulebook = await service.get(tx, rulebook_id)
    listed = next(one for one in await service.every(tx) if one.id == rulebook_id)
    return page(
        "rulebooks/rulebook.html",
        refused=refused,
        rulebook=rulebook,
        listed=listed,
        proposer=await service.proposer(tx, rulebook_id),
        may_propose=bool(tx.actor.organisations_with(P.RULEBOOK_PROPOSE)),
        may_activate=bool(tx.actor.organisations_with(P.RULEBOOK_ACTIVATE)),
    )


ROUTES = (Rulebooks,)
