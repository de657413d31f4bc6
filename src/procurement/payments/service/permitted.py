"""Who may: money belongs to no single organisation, so a role in any treasury counts."""

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P


def treasury(tx: Tx, permission: P) -> str:
    """An organisation in which the actor has the permission, the one acted for first; "" for nobody."""
    found = tx.actor.organisations_with(permission)
    return tx.actor.organisation if tx.actor.organisation in found else next(iter(found), "")
