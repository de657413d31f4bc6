"""Who holds the second lock of a tender: chosen for a draft by its buyer, read by everybody once it is public."""

import msgspec
from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.holders.api import RosterView
from procurement.holders.service import Level
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import also
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.tenders import service

PATH = "/api/v1/tenders/{tender_id}/roster"


class SealChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`holders` are ids of confirmed keys, in the order of their places; `m` of them open together. At S1 both are
    left out."""

    level: Level
    m: int = 2
    holders: list[str] = []


async def _view(tx: Tx, tender_id: str) -> RosterView:
    chosen = await service.roster(tx, tender_id)
    if chosen is None:
        raise unknown("roster")
    return RosterView.of(chosen)


ROSTER = Resource(PATH, ("tender_id",), service.lock_exclusive, _view, service.buyer)


class RosterApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/roster"
    tags = ("tenders",)

    @get("/", opt=access("public") | also(403))
    async def read(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> RosterView:
        """The key holders with their signatures; 404 at seal level S1, which has none. Of a draft for its buyer."""
        return await _view(tx, tender_id)

    @put("/", opt=access(P.TENDER_DRAFT) | changes(ROSTER), status_code=204, security=({"bearer": []},))
    async def choose(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[SealChoice]) -> None:
        """Choose the seal level of a draft and its key holders, who are asked to sign. The same again changes
        nothing; anything else asks for every signature anew."""
        await service.choose_seal(tx, tender_id, data.level, data.m, data.holders)
