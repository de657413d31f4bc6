"""Public records that stand in entries which are not marked open, repeated in open ones.

There are such records from before open entries were made, and from a worker of an older release that went on beside a
newer one. Clients rely on some types of record only where everybody can be seen to have them: in an open entry, or in
a `RecordsRepeated`, which is in one. Nothing is repeated twice, so this may run at any time.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger.service import RecordDisclosed, RecordsRepeated
from procurement.infra.ledger.tables import LedgerDisclosure, LedgerLeaf, LedgerRecord
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.entry import HIDDEN, OPEN
from procurement.kernel.fact import Visible

PAGE = 100  # records of one procurement that a fact repeats at most
PAUSE = 86_400.0  # seconds between two looks at whether anything is to be repeated
WHO = system("ledger")


async def repeat(database: Database, types: Collection[str]) -> int | None:
    """Repeat what was never repeated: of these types every record, of the others those that came after the log's first
    open entry. Returns how many there were; None while no changes are taken."""
    async with database.begin(WHO) as tx:
        if tx.read_only:
            return None
        due = await _due(tx.session, types)
    for process, ids in _pages(due):
        async with database.begin(WHO) as tx:
            records = await _shown(tx.session, ids)
            by = await tx.record(RecordsRepeated(records=records), process=process)
            tx.session.add_all([LedgerDisclosure(record_id=id_, by=by) for id_ in ids])
    return len(due)


async def _due(session: AsyncSession, types: Collection[str]) -> list[tuple[str, int]]:
    """(procurement, id of the record), in the order of the log for each procurement."""
    since = await _first_open(session)
    late = [LedgerLeaf.leaf_index > since] if since is not None else []
    which = (
        select(LedgerRecord.process, LedgerRecord.id)
        .join(LedgerLeaf, LedgerLeaf.record_id == LedgerRecord.id)
        .outerjoin(LedgerDisclosure, LedgerDisclosure.record_id == LedgerRecord.id)
        .where(LedgerRecord.visible == Visible.AT_ONCE, func.length(LedgerLeaf.entry) == HIDDEN)
        .where(LedgerDisclosure.record_id.is_(None), or_(LedgerRecord.type.in_(types), *late))
        .order_by(LedgerRecord.process, LedgerLeaf.leaf_index)
    )
    return [(row.process, row.id) for row in await session.execute(which)]


async def _first_open(session: AsyncSession) -> int | None:
    """The index of the log's first open entry; None while there is none."""
    found = select(LedgerLeaf.leaf_index).where(func.length(LedgerLeaf.entry) == OPEN)
    return await session.scalar(found.order_by(LedgerLeaf.leaf_index).limit(1))


def _pages(due: Sequence[tuple[str, int]]) -> Iterator[tuple[str, list[int]]]:
    for process, of_one in groupby(due, key=lambda one: one[0]):
        ids = [id_ for _, id_ in of_one]
        for start in range(0, len(ids), PAGE):
            yield process, ids[start : start + PAGE]


async def _shown(session: AsyncSession, ids: Sequence[int]) -> list[RecordDisclosed]:
    """In the order of the log."""
    which = (
        select(LedgerLeaf.entry, LedgerRecord.salt, LedgerRecord.body)
        .join(LedgerRecord, LedgerRecord.id == LedgerLeaf.record_id)
        .where(LedgerRecord.id.in_(ids))
        .order_by(LedgerLeaf.leaf_index)
    )
    return [RecordDisclosed(row.entry.hex(), row.salt.hex(), row.body.decode()) for row in await session.execute(which)]
