"""The log as a feed of changes: what happened, by ledger index.

A reader that has followed to an index has missed nothing below it, ever: the sequencer places records without gaps,
and a place is never taken back. (Ids of records are no such order: a transaction that drew a lower one may commit
later.) Every consumer keeps its own position; reading twice is harmless.
"""

from collections.abc import Set
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger.service import Entry, RecordsDisclosed, entries, few_public, readable, readable_among
from procurement.infra.ledger.tables import LedgerLeaf
from procurement.kernel.entry import Record
from procurement.kernel.refusal import Refused

BEGINNING = -1  # the position before the first entry
PAGE = 500  # changes that one answer holds at most
SCANNED = 2_000  # entries that a reader with a filter is taken past at a time


class Change(msgspec.Struct, frozen=True):
    """One entry. While its record may not be read, `hidden` is true and all but the index is empty."""

    index: int
    at: datetime | None = None
    type: str = ""
    process: str = ""
    organisation: str = ""
    fact: dict[str, Any] = {}
    hidden: bool = False


class Page(msgspec.Struct, frozen=True):
    """`next` is the position after this page: send it as `after`. `head` is the index of the newest entry, -1 for none.

    While `next` is below `head` there is more, also after a page without changes.
    """

    changes: list[Change]
    next: int
    head: int


class Wanted(msgspec.Struct, frozen=True):
    """Which changes a reader asks for: types of facts, one procurement (by OCID), or all of them.

    Whoever asks for less is told of nothing hidden, so that a filter never says what kind of record that was. Who
    asks for a type is told also when records of that type are disclosed.
    """

    types: Set[str] = frozenset()
    process: str = ""

    @property
    def everything(self) -> bool:
        return not self.types and not self.process

    def takes(self, change: Change) -> bool:
        if self.everything:
            return True
        if change.hidden or (self.process and change.process != self.process):
            return False
        return not self.types or not self.types.isdisjoint(_told_by(change))


async def page(session: AsyncSession, after: int, limit: int, wanted: Wanted) -> Page:
    """The wanted ones of the next entries above index `after`, at most `limit`. Refused("position-ahead").

    Two queries, whatever the length of the log; with a filter at most SCANNED entries are looked at. Of types that are
    rare all are, by two more: who looks for a few keys is not taken through a million entries first.
    """
    newest = await head(session)
    if after > newest:
        raise Refused(
            "position-ahead",
            f"The log ends at {newest}: your position is of another log, or of this one before it was restored.",
        )
    if wanted.everything:
        found = await changes(session, after, limit)
        return page_of(found, found[-1].index if found else after, newest)
    until = min(newest, after + SCANNED)
    types = {*wanted.types, RecordsDisclosed.__name__} if wanted.types else wanted.types
    some = await readable(session, after + 1, until, limit, types, wanted.process)
    if len(some) < limit and until < newest and wanted.types:
        few = await few_public(session, wanted.types, SCANNED)
        if few is not None:
            until = newest
            some = await readable_among(session, few, after + 1, until, limit, wanted.process)
    if len(some) == limit:
        until = some[-1].index
    return page_of([one for one in map(_change, some) if wanted.takes(one)], until, newest)


def page_of(found: list[Change], until: int, newest: int) -> Page:
    """Entries may have come since the newest was asked for."""
    return Page(found, until, max(until, newest))


async def changes(session: AsyncSession, after: int, limit: int) -> list[Change]:
    """At most `limit` entries above index `after` (-1 for all), in order, as the public may read them."""
    return [_change(entry) for entry in await entries(session, after + 1, limit)]


async def head(session: AsyncSession) -> int:
    """The index of the newest entry; -1 while the log is empty."""
    newest = await session.scalar(select(func.max(LedgerLeaf.leaf_index)))
    return BEGINNING if newest is None else newest


def _change(entry: Entry) -> Change:
    if not entry.record:
        return Change(entry.index, hidden=True)
    read = msgspec.json.decode(entry.record, type=Record)
    at = msgspec.convert(read.at, datetime)
    return Change(entry.index, at, read.type, read.process, read.organisation, read.fact)


def _told_by(change: Change) -> set[str]:
    """The types of record that a change tells of: its own, and those of the records that it discloses."""
    if change.type != RecordsDisclosed.__name__:
        return {change.type}
    shown = msgspec.convert(change.fact, RecordsDisclosed).records
    return {change.type, *(msgspec.json.decode(one.record, type=Record).type for one in shown)}
