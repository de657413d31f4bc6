"""Three years after it was recorded, every entry that is still hidden has its type told, or is disclosed.

A cover entry is disclosed: it holds nothing, and only its record and salt prove that nothing else was hidden behind
it. Of all others the type is told; their content stays with those whom it concerns.
"""

from datetime import timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.facts import CoverFollowed, CoverRecorded, EntryType, TypesTold
from procurement.infra.ledger.tables import LedgerDisclosure, LedgerLeaf, LedgerRecord
from procurement.infra.tx import Tx
from procurement.kernel.entry import Record
from procurement.kernel.fact import Visible

AFTER = timedelta(days=3 * 365 + 1)  # longer than any tender is open
PAGE = 500  # entries that one fact tells of
PAUSE = 3600.0  # seconds between two pages
COVERS = {CoverRecorded.__name__, CoverFollowed.__name__}


async def tell(tx: Tx) -> int:
    """Tell of the next entries that are old enough; returns how many were looked at, 0 when none is due."""
    first = await _told_until(tx.session) + 1
    found = (
        select(LedgerLeaf.leaf_index, LedgerRecord.id, LedgerRecord.type, LedgerRecord.at, LedgerRecord.visible)
        .add_columns(LedgerDisclosure.by)
        .join(LedgerRecord, LedgerRecord.id == LedgerLeaf.record_id)
        .outerjoin(LedgerDisclosure, LedgerDisclosure.record_id == LedgerRecord.id)
        .where(LedgerLeaf.leaf_index.between(first, first + PAGE - 1))
        .order_by(LedgerLeaf.leaf_index)
    )
    due = [row for row in await tx.session.execute(found) if row.at < tx.now - AFTER]
    if len(due) < PAGE:  # a page at a time, so that what tells is not most of what there is
        return 0
    hidden = [row for row in due if row.visible != Visible.AT_ONCE and row.by is None]
    await ledger.disclose(tx, [row.id for row in hidden if row.type in COVERS], "")
    told = [EntryType(row.leaf_index, row.type) for row in hidden if row.type not in COVERS]
    await tx.record(TypesTold(until=due[-1].leaf_index, entries=told))
    return len(due)


async def _told_until(session: AsyncSession) -> int:
    """The index of the last entry that was looked at; -1 at the beginning."""
    newest = select(LedgerRecord.body).where(LedgerRecord.type == TypesTold.__name__)
    body = await session.scalar(newest.order_by(LedgerRecord.id.desc()).limit(1))
    return msgspec.convert(msgspec.json.decode(body, type=Record).fact, TypesTold).until if body else -1
