"""Holds: what keeps an announced award from becoming final. Later stages place them; the award knows only holds."""

from procurement.awards import rules
from procurement.awards.service import store
from procurement.awards.tables import HoldRow
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.tenders import service as tenders


async def place_hold(tx: Tx, award_id: str, reason: str) -> str:
    """Stop an award until the hold is lifted; returns the hold's id. The buyer's approver, or a system actor."""
    found = await store.find(tx, award_id)
    tender = await tenders.public_tender(tx, found.tender)
    tx.actor.must(P.AWARD_APPROVE, of=tender.buyer)
    award = await store.value(tx, await store.lock(tx, award_id))
    fact = rules.hold(award, new_id(), reason, tx.now)
    tx.session.add(HoldRow(id=fact.hold, award_id=award_id, reason=reason, placed_by=tx.actor.name, placed_at=tx.now))
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    return fact.hold


async def lift_hold(tx: Tx, award_id: str, hold_id: str, reason: str) -> None:
    """Let an award go on. Whether it is final then depends on its standstill and on other holds."""
    found = await store.find(tx, award_id)
    tender = await tenders.public_tender(tx, found.tender)
    tx.actor.must(P.AWARD_APPROVE, of=tender.buyer)
    award = await store.value(tx, await store.lock(tx, award_id))
    fact = rules.lift(award, hold_id, reason)
    row = await tx.session.get_one(HoldRow, hold_id)
    row.lifted_by, row.lifted_at, row.lift_reason = tx.actor.name, tx.now, reason
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
