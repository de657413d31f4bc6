"""The desk for programs."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from procurement.desks import service
from procurement.desks.rules import Desk
from procurement.desks.service import Acts
from procurement.infra.tx import Tx
from procurement.infra.web import access


class DeskApi(Controller):
    path = "/api/v1/desk"
    tags = ("desk",)

    @get("/", opt=access("signed-in"), security=[{"bearer": list[str]()}])
    async def desk(self, tx: NamedDependency[Tx]) -> Desk:
        """What needs the token's owner now, in the organisation it acts for; what is coming, and what was done."""
        return await service.desk(tx)

    @get("/acts", opt=access("signed-in"), security=[{"bearer": list[str]()}])
    async def acts(self, tx: NamedDependency[Tx], before: FromQuery[int | None] = None) -> Acts:
        """What the token's owner did, from the ledger, fifty at a time, the newest first."""
        return await service.acts(tx, before)


ROUTES = (DeskApi,)
