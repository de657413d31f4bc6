"""Erasing what is due, in batches that lock nobody out. Ledger entries are never touched.

The bytes of a file go in a second step, after the transaction that let go of it: whatever dies in between, no record
names a file that is not there.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, exists, func, or_, select, tuple_, union_all, update
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.files import Files
from procurement.infra.retained import ALONE, ErasedFile, NamedFile, Rows, still_named
from procurement.infra.tx import Tx
from procurement.retention.rules import RecordClass, RecordsErased
from procurement.retention.service.classes import CLASSES, NAMED, table
from procurement.retention.tables import LegalHoldRow

BATCH = 500  # records of a class that end in one transaction
YOUNG = timedelta(days=1)  # a file written since may be about to be named by somebody


def due(tx: Tx, one: RecordClass, part: str) -> Rows | None:
    """(id, process, organisation, person) of what is due and under no hold; nothing for what the job does not end."""
    rows = _over(tx, one, part)
    return None if rows is None else select(rows).where(~_held(rows))


def held(tx: Tx, one: RecordClass, part: str) -> Rows | None:
    """The same of what would be due, and is under a hold."""
    rows = _over(tx, one, part)
    return None if rows is None else select(rows).where(_held(rows))


def _over(tx: Tx, one: RecordClass, part: str) -> Subquery | None:
    """What of a part of a class has had its time, by the clock of that part."""
    if part not in CLASSES or (cutoff := one.cutoff(tx.now if CLASSES[part].legal else tx.real_now)) is None:
        return None
    return CLASSES[part].due(cutoff).subquery()


async def erase_next(tx: Tx) -> int:
    """End one batch of every class; returns how many records. The fact tells the numbers that may be told.

    Nothing while a backup is made, or while the service is read-only (see infra/mode.py).
    """
    if tx.read_only or not await tx.session.scalar(ALONE):
        return 0
    ended, counts = 0, dict[str, int]()
    for one in table():
        number = sum([await _end(tx, one, part) for part in one.parts])
        ended += number
        if number and not one.covers:
            counts[one.name] = number
    if counts:
        await tx.record(RecordsErased(counts=counts))
    return ended


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


async def erase_unnamed(tx: Tx, files: Files, hashes: Sequence[str]) -> int:
    """Delete those of these opened files that no record names: what a bid left that was refused, or whose tender was
    cancelled, while it was decrypted. Returns how many went. Waits as above."""
    if tx.read_only or not await tx.session.scalar(ALONE):
        return 0
    kept = await _still_kept(tx, [("opened", one) for one in hashes])
    gone = [one for one in hashes if ("opened", one) not in kept]
    for sha256 in gone:
        await files.forget("opened", sha256, before=tx.real_now - YOUNG)
    return len(gone)


async def _end(tx: Tx, one: RecordClass, part: str) -> int:
    """End one batch of a part of a class; returns how many records."""
    if (query := due(tx, one, part)) is None:
        return 0
    ids = list(await tx.session.scalars(query.with_only_columns(query.selected_columns.id).limit(BATCH)))
    if ids:
        await _let_go(tx, part, await CLASSES[part].erase(tx, ids))
    return len(ids)


async def _let_go(tx: Tx, part: str, files: list[NamedFile]) -> None:
    if not files:
        return
    values = [
        {"kind": f.kind, "sha256": f.sha256, "owner": f.owner, "record_class": part, "erased_at": tx.now} for f in files
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
