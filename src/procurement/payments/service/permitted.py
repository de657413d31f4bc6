"""Who may: money belongs to no single organisation, so a role in any treasury counts."""

from datetime import datetime

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


def treasury(tx: Tx, permission: P) -> str:
    """An organisation in which the actor has the permission, the one acted for first; "" for nobody."""
    found = tx.actor.organisations_with(permission)
    return tx.actor.organisation if tx.actor.organisation in found else next(iter(found), "")


async def must_be_two_people(tx: Tx, first: str, at: datetime | None) -> None:
    """Refused("same-person", 403) unless who took the first step, at `at`, and who approves now are two people: in
    every treasury, since each may have acted in another one."""
    did, does = P.REFUND_ASK, P.REFUND_APPROVE
    for one in await identity.organisations_of_kind(tx, "treasury"):
        await identity.must_be_two_people(tx, one.id, first, at, did=did, does=does)
