"""Bids that too few key holders could read, for programs. Two people decide about one on the page of the opening, where
each proves anew who they are."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.kernel.permissions import P
from procurement.opening import service
from procurement.opening.rules.unread import Unread


class UnreadApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/opening/unread"
    tags = ("opening",)

    @get("/", opt=access(P.OPENING_READ))
    async def unread(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> list[Unread]:
        """For the buyer's people and auditors: each bid that waits, without whose it is, and what each holder said."""
        return await service.unread_bids(tx, tender_id)
