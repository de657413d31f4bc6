"""Erasing what is due, in batches that lock nobody out. Ledger entries are never touched.

The bytes of a file go in a second step, after the transaction that let go of it: whatever dies in between, no record
names a file that is not there.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, text, tuple_, union_all, update
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.files import Files
from procurement.infra.retained import ErasedFile, NamedFile, Rows, still_named
from procurement.infra.tx import Tx
from procurement.retention.rules import RecordClass, RecordsErased
from procurement.retention.service.classes import CLASSES, NAMED, table
from procurement.retention.tables import LegalHoldRow

BATCH = 500  # records of a class that end in one transaction
YOUNG = timedelta(days=1)  # a file written since may be about to be named by somebody
# A backup holds it shared, so that every file its snapshot names stays until it is copied.
ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('retention.erase'))")


def due(one: RecordClass, now: datetime) -> Rows | None:
    """(id, process, organisation, person) of what is due and under no hold; nothing for what the job does not end."""
    cutoff = one.cutoff(now)
    if cutoff is None:
        return None
    rows = CLASSES[one.name].due(cutoff).subquery()
    return select(rows).where(~_held(rows))


def held(one: RecordClass, now: datetime) -> Rows | None:
    """The same of what would be due, and is under a hold."""
    cutoff = one.cutoff(now)
    if cutoff is None:
        return None
    rows = CLASSES[one.name].due(cutoff).subquery()
    return select(rows).where(_held(rows))


def clock(tx: Tx, one: RecordClass) -> datetime:
    """The clock by which a class's time runs."""
    return tx.now if one.name in CLASSES and CLASSES[one.name].legal else tx.real_now


async def erase_next(tx: Tx) -> int:
    """End one batch of every class, and record how many; returns that number. Nothing while a backup is made, or while
    the service is read-only (see infra/mode.py)."""
    if tx.read_only or not await tx.session.scalar(ALONE):
        return 0
    counts: dict[str, int] = {}
    for one in table():
        if (query := due(one, clock(tx, one))) is None:
            continue
        ids = list(await tx.session.scalars(query.with_only_columns(query.selected_columns.id).limit(BATCH)))
        if ids:
            await _let_go(tx, one, await CLASSES[one.name].erase(tx, ids))
            counts[one.name] = len(ids)
    if counts:
        await tx.record(RecordsErased(counts=counts))
    return sum(counts.values())


async def erase_files(tx: Tx, files: Files) -> int:
    """Delete the bytes of files that no record keeps any more; returns how many files went. Waits as above."""
    if tx.read_only or not await tx.session.scalar(ALONE):
        return 0
    waiting = select(ErasedFile.kind, ErasedFile.sha256).where(ErasedFile.gone_at.is_(None)).distinct()
    rows = (await tx.session.execute(waiting.limit(BATCH))).all()
    kept = await _still_kept(tx, [(row.kind, row.sha256) for row in rows])
    gone = [(row.kind, row.sha256) for row in rows if (row.kind, row.sha256) not in kept]
    for kind, sha256 in gone:
        await files.forget(kind, sha256, before=tx.real_now - YOUNG)
    these = tuple_(ErasedFile.kind, ErasedFile.sha256).in_(gone)
    await tx.session.execute(update(ErasedFile).where(these).values(gone_at=tx.real_now))
    return len(gone)


async def _let_go(tx: Tx, one: RecordClass, files: list[NamedFile]) -> None:
    if not files:
        return
    values = [
        {"kind": f.kind, "sha256": f.sha256, "owner": f.owner, "record_class": one.name, "erased_at": tx.now}
        for f in files
    ]
    await tx.session.execute(insert(ErasedFile).values(values).on_conflict_do_nothing())


async def _still_kept(tx: Tx, files: list[tuple[str, str]]) -> set[tuple[str, str]]:
    named = union_all(*(still_named(one) for one in NAMED)).subquery()
    rows = await tx.session.execute(
        select(named.c.kind, named.c.sha256).where(tuple_(named.c.kind, named.c.sha256).in_(files))
    )
    return {(row.kind, row.sha256) for row in rows}


def _held(rows: Any) -> ColumnElement[bool]:
    hold = LegalHoldRow
    about = [(hold.about == name) & (hold.subject == rows.c[name]) for name in ("process", "organisation", "person")]
    return exists().where(hold.lifted_at.is_(None), or_(*about))


async def number_of(tx: Tx, query: Rows | None) -> int:
    """How many rows a query has."""
    if query is None:
        return 0
    return await tx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
