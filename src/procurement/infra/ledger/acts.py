"""What one actor did: their own entries, hidden or not, for nobody but themself."""

from datetime import datetime

import msgspec
from sqlalchemy import literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger.tables import LedgerRecord

WHO = "split_part(ledger_record.actor, ' ', 1)"  # to the letter, or its index does not serve


class Act(msgspec.Struct, frozen=True):
    """A recorded fact by its type; `id` orders acts, `process` is the OCID or ""."""

    id: int
    at: datetime
    type: str
    process: str


async def acts_of(session: AsyncSession, actor: str, before: int | None, limit: int) -> list[Act]:
    """The newest `limit` acts below id `before`. `actor` is `Actor.name`; what a deputy did for others counts too."""
    wanted = select(LedgerRecord.id, LedgerRecord.at, LedgerRecord.type, LedgerRecord.process)
    wanted = wanted.where(literal_column(WHO) == actor)
    if before is not None:
        wanted = wanted.where(LedgerRecord.id < before)
    rows = await session.execute(wanted.order_by(LedgerRecord.id.desc()).limit(limit))
    return [Act(row.id, row.at, row.type, row.process) for row in rows]
