"""Once a minute it is asked whether an outage came near a deadline."""

from time import monotonic

from procurement.fairness import service
from procurement.infra.tx import Database
from procurement.kernel.actor import system

PAUSE = 60.0  # seconds: measurements come no more often

_last = [-PAUSE]


async def look(database: Database) -> None:
    """One round of the clockwork."""
    if monotonic() - _last[0] < PAUSE:
        return
    _last[0] = monotonic()
    async with database.begin(system("fairness")) as tx:
        if not tx.read_only:
            await service.propose(tx)
