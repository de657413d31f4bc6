"""The log as a feed of changes: what happened, by ledger index.

A reader that has followed to an index has missed nothing below it, ever: the sequencer places records without gaps,
and a place is never taken back. Every consumer keeps its own position; reading twice is harmless.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger.service import entries
from procurement.infra.ledger.tables import LedgerLeaf
from procurement.kernel.entry import Record


class Change(msgspec.Struct, frozen=True):
    """One entry. While its record may not be read, `hidden` is true and all but the index is empty."""

    index: int
    at: datetime | None = None
    type: str = ""
    process: str = ""
    organisation: str = ""
    fact: dict[str, Any] = {}
    hidden: bool = False


async def changes(session: AsyncSession, after: int, limit: int) -> list[Change]:
    """At most `limit` entries above index `after` (-1 for all), in order, as the public may read them."""
    return [_change(entry.index, entry.record) for entry in await entries(session, after + 1, limit)]


async def head(session: AsyncSession) -> int:
    """The index of the newest entry; -1 while the log is empty."""
    newest = await session.scalar(select(func.max(LedgerLeaf.leaf_index)))
    return -1 if newest is None else newest


def _change(index: int, record: str) -> Change:
    if not record:
        return Change(index, hidden=True)
    read = msgspec.json.decode(record, type=Record)
    at = msgspec.convert(read.at, datetime)
    return Change(index, at, read.type, read.process, read.organisation, read.fact)
