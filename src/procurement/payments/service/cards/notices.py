"""Notices of the other side: each is taken once, and says only where to look."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.payments import Delivered
from procurement.infra.tx import Tx
from procurement.payments.service.cards import work
from procurement.payments.tables.cards import CardEvent

KEPT = timedelta(days=90)  # Stripe sends a notice again for three days, and lists it for thirty


async def take_notice(tx: Tx, delivered: Delivered) -> bool:
    """Whether it is new and concerns us; its object is then asked for anew."""
    if delivered.kind is None or not delivered.object:
        return False
    row = {
        "id": delivered.id, "type": delivered.type, "object": delivered.object, "made_at": delivered.at,
        "received_at": tx.real_now,
    }  # fmt: skip
    stored = insert(CardEvent).values(row).on_conflict_do_nothing().returning(CardEvent.id)
    if await tx.session.scalar(stored) is None:
        return False
    await work.put(tx, delivered.kind, delivered.object)
    return True


async def forget_old(tx: Tx) -> None:
    """What nobody sends again any more."""
    await tx.session.execute(delete(CardEvent).where(CardEvent.received_at < tx.real_now - KEPT))
