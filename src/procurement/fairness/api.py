"""Outages before deadlines, for programs."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from procurement.fairness import service
from procurement.fairness.rules import Proposal
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.outage import Outage
from procurement.kernel.permissions import P
from procurement.tenders import service as tenders

BEARER = [{"bearer": list[str]()}]


class Seen(msgspec.Struct, frozen=True):
    """What is known of outages before a tender's deadline, in official time, with who saw the contrary; `left_out`:
    earlier ones that are too many to tell. `proposal` is the newest that was made because of them, `earlier` are those
    before, the newest first."""

    outages: tuple[Outage, ...]
    left_out: int
    proposal: Proposal | None
    earlier: tuple[Proposal, ...]


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the later deadline is asked for; `reason` becomes public with it."""

    later: bool
    reason: str


async def _seen(tx: Tx, tender_id: str) -> Seen:
    told, made = await service.evidence(tx, tender_id), await service.proposals(tx, tender_id)
    return Seen(told.outages, told.left_out, made[0] if made else None, made[1:])


OUTAGE = Resource("/api/v1/tenders/{tender_id}/outage", ("tender_id",), tenders.lock_exclusive, _seen)


class FairnessApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/outage"
    tags = ("tenders",)

    @get("/", opt=access("public"))
    async def seen(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Seen:
        """When the service was away in the time before a published tender's deadline, and what was proposed."""
        return await _seen(tx, tender_id)

    @post("/decision", opt=access(P.TENDER_DRAFT) | changes(OUTAGE), status_code=204, security=BEARER)
    async def decide(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Decision]) -> None:
        """Ask a second person for the later deadline, or leave it and say why."""
        await (service.take if data.later else service.decline)(tx, tender_id, data.reason)


ROUTES = (FairnessApi,)
