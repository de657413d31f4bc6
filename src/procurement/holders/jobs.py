"""What follows for keys when a role ends, and what the clock starts before an opening."""

from procurement.holders import service
from procurement.identity.rules.membership import MembershipEnded
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.permissions import Role

CALLER = system("holders")


@handles(MembershipEnded)
async def end_keys(tx: Tx, recorded: Recorded[MembershipEnded]) -> None:
    """Whoever has left the office holds no key of it: nobody chooses it for a new roster."""
    if recorded.fact.role == Role.KEY_HOLDER:
        reason = "Whoever held it has left the office."
        await service.end_with_role(tx, recorded.fact.person, recorded.fact.organisation, reason)


async def sweep(database: Database) -> None:
    """Ask for proofs, and tell of those that lack. While the service is read-only nobody could answer: both wait."""
    async with database.begin(CALLER) as tx:
        if not tx.read_only:
            await service.call(tx)


HANDLERS = (end_keys,)
