"""The desk of whoever asks, for the organisation acted for: one part for each role, in a bounded number of queries."""

from procurement.desks.rules.model import Desk, Row, Viewer, in_order, latest, soonest
from procurement.desks.service import (
    administrator,
    auditor,
    buyer,
    evaluator,
    holder,
    messages,
    people,
    supplier,
    treasurer,
)
from procurement.desks.service.acts import Acts, acts
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.permissions import GRANTS, Role

__all__ = ["Acts", "acts", "desk"]

COMING, DONE = 8, 8  # dates shown on either side of now

BUYER = (buyer.part, frozenset({Role.OFFICER, Role.APPROVER}))
HOLDER = (holder.part, frozenset({Role.KEY_HOLDER}))
PARTS = {
    "buyer": (BUYER, (evaluator.part, frozenset({Role.EVALUATOR})), HOLDER),
    "supplier": ((supplier.part, frozenset({Role.OWNER, Role.MEMBER, Role.SIGNATORY})),),
    "oversight": (
        (auditor.part, frozenset({Role.AUDITOR})),
        (administrator.part, frozenset({Role.ADMINISTRATOR})),
        HOLDER,
    ),
    "treasury": ((treasurer.part, frozenset({Role.TREASURER})), HOLDER),
}


async def desk(tx: Tx) -> Desk:
    """Refused("sign-in-needed", 401) for nobody; an empty desk for somebody who acts for no organisation."""
    tx.actor.must_be_somebody()
    ours = tx.actor.organisation
    roles = frozenset(role for organisation, role in tx.actor.roles if organisation == ours)
    if not roles:
        return Desk()
    at = await identity.organisation(tx, ours)
    viewer = Viewer(tx.actor.person, frozenset().union(*(GRANTS[role] for role in roles)))
    parts = [await part(tx, viewer) for part, asked in PARTS[at.kind] if roles & asked]
    parts += [await one(tx, viewer) for one in (messages.part, people.part, holder.confirming)]
    running: dict[str, Row] = {}
    for row in (row for part in parts for row in part.running):
        running.setdefault(row.tender, row)
    return Desk(
        organisation=ours,
        roles=tuple(sorted(roles)),
        duties=in_order(duty for part in parts for duty in part.duties),
        running=tuple(running.values()),
        coming=soonest({moment for part in parts for moment in part.coming}, COMING),
        done=latest({moment for part in parts for moment in part.done}, DONE),
        soon=tuple(soon for part in parts for soon in part.soon),
        full=any(part.full for part in parts),
    )
