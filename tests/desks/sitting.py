"""Looking at somebody's desk."""

from procurement.desks import service
from procurement.desks.rules import Desk
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor


async def desk_of(database: Database, actor: Actor) -> Desk:
    async with database.begin(actor) as tx:
        return await service.desk(tx)


async def duties_of(database: Database, actor: Actor) -> list[str]:
    """What the person has to do, in the order in which it is shown."""
    return [duty.what.value for duty in (await desk_of(database, actor)).duties]
