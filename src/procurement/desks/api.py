"""The desk for programs."""

from litestar import Controller, get
from litestar.di import NamedDependency

from procurement.desks import service
from procurement.desks.rules import Desk
from procurement.infra.tx import Tx
from procurement.infra.web import access


class DeskApi(Controller):
    path = "/api/v1/desk"
    tags = ("desk",)

    @get("/", opt=access("signed-in"), security=[{"bearer": list[str]()}])
    async def desk(self, tx: NamedDependency[Tx]) -> Desk:
        """What needs the token's owner now, in the organisation it acts for; what is coming, and what was done."""
        return await service.desk(tx)


ROUTES = (DeskApi,)
