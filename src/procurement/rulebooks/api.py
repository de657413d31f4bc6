"""Rulebooks for programs."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.permissions import P
from procurement.rulebooks import service
from procurement.rulebooks.rules import Rulebook
from procurement.rulebooks.service import Listed

EVERY = Resource("/api/v1/rulebooks", (), service.lock, service.every)


class RulebookApi(Controller):
    path = "/api/v1/rulebooks"
    tags = ("rulebooks",)

    @get("/", opt=access("public"))
    async def every(self, tx: NamedDependency[Tx]) -> list[Listed]:
        """All rulebooks with their state, newest first."""
        return await service.every(tx)

    @get("/{rulebook_id:str}", opt=access("public"))
    async def read(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str]) -> Rulebook:
        """Everything a rulebook says; each number beside its article or the word "default"."""
        return await service.get(tx, rulebook_id)

    @post(
        "/{rulebook_id:str}/propose",
        opt=access(P.RULEBOOK_PROPOSE) | changes(EVERY),
        status_code=204,
        security=[{"bearer": []}],
    )
    async def propose(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str]) -> None:
        """Ask a second administrator to put it in force."""
        await service.propose(tx, rulebook_id)

    @post(
        "/{rulebook_id:str}/activate",
        opt=access(P.RULEBOOK_ACTIVATE) | changes(EVERY),
        status_code=204,
        security=[{"bearer": []}],
    )
    async def activate(self, tx: NamedDependency[Tx], rulebook_id: FromPath[str]) -> None:
        """Put a proposed rulebook in force, as another person than who proposed it."""
        await service.activate(tx, rulebook_id)


ROUTES = (RulebookApi,)
