"""Reading records, and showing those that were hidden. Placing them in the log is the sequencer's work."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.tables import LedgerCheckpoint, LedgerDisclosure, LedgerLeaf, LedgerPending, LedgerRecord
from procurement.kernel.entry import Record, entry_for, entry_hash
from procurement.kernel.fact import Fact, Visible

if TYPE_CHECKING:
    from procurement.infra.tx import Tx

FIRST_NAME = text("SELECT origin FROM public.installation")
NEWEST_NAME = text("SELECT origin FROM public.ledger_origin ORDER BY id DESC LIMIT 1")


class RecordDisclosed(msgspec.Struct, frozen=True):
    """A record behind a hidden entry, with what is needed to recompute that. Salt and record as text."""

    entry: str
    salt: str
    record: str


class Told(msgspec.Struct, frozen=True):
    """A record by its id, with its fact as plain values, hidden or not."""

    id: int
    fact: dict[str, Any]


class RecordsDisclosed(Fact, frozen=True, kw_only=True):
    """These hidden records may now be read by anyone."""

    records: list[RecordDisclosed]


class RecordsRepeated(Fact, frozen=True, kw_only=True):
    """These records, which anyone could always read, stand in entries that are not marked open: so here they are again,
    in an open one."""

    records: list[RecordDisclosed]


class Entry(msgspec.Struct, frozen=True):
    """A place in the log. `record` and `salt` are empty while the record is hidden."""

    index: int
    entry: str
    salt: str
    record: str


async def disclose(tx: "Tx", record_ids: Sequence[int], process: str) -> None:
    """Make hidden records readable, by a new fact that carries them. Those already disclosed are left alone."""
    hidden = select(LedgerRecord).outerjoin(LedgerDisclosure, _DISCLOSED).where(~_IS_PUBLIC).order_by(LedgerRecord.id)
    records = (await tx.session.scalars(hidden.where(LedgerRecord.id.in_(record_ids)))).all()
    if not records:
        return
    shown = [RecordDisclosed(entry_hash(r.salt, r.body).hex(), r.salt.hex(), r.body.decode()) for r in records]
    by = await tx.record(RecordsDisclosed(records=shown), process=process)
    tx.session.add_all([LedgerDisclosure(record_id=record.id, by=by) for record in records])
    await tx.session.flush()


async def hidden(session: AsyncSession, process: str, visible: Visible) -> list[int]:
    """The records of one procurement with that visibility which nobody has disclosed yet, by id."""
    which = select(LedgerRecord.id).where(LedgerRecord.process == process, LedgerRecord.visible == visible)
    undisclosed = which.outerjoin(LedgerDisclosure, _DISCLOSED).where(~_IS_PUBLIC)
    return list(await session.scalars(undisclosed.order_by(LedgerRecord.id)))


async def of_types(session: AsyncSession, types: Collection[str], after: int, limit: int) -> list[Told]:
    """At most `limit` records of these types above id `after`, hidden or not: for the stage that recorded them."""
    which = select(LedgerRecord.id, LedgerRecord.body).where(LedgerRecord.type.in_(types), LedgerRecord.id > after)
    rows = await session.execute(which.order_by(LedgerRecord.id).limit(limit))
    return [Told(row.id, msgspec.json.decode(row.body, type=Record).fact) for row in rows]


async def entry_of(session: AsyncSession, record_id: int) -> bytes:
    """The public bytes that commit to a record which waits for its place, or has it since open entries are made."""
    wanted = select(LedgerRecord.salt, LedgerRecord.body, LedgerRecord.visible).where(LedgerRecord.id == record_id)
    row = (await session.execute(wanted)).one()
    return entry_for(row.salt, row.body, at_once=row.visible == Visible.AT_ONCE)


async def moments(session: AsyncSession, record_ids: Sequence[int]) -> dict[int, datetime]:
    """When these records were written, in legal time."""
    query = select(LedgerRecord.id, LedgerRecord.at).where(LedgerRecord.id.in_(record_ids))
    return {row.id: row.at for row in await session.execute(query)}


async def entries(session: AsyncSession, start: int, limit: int) -> list[Entry]:
    """The log from index `start`, as the public may read it."""
    return await _placed(session, _PLACED.where(LedgerLeaf.leaf_index >= start).limit(limit))


async def readable(
    session: AsyncSession, start: int, until: int, limit: int, types: Collection[str], process: str
) -> list[Entry]:
    """Of the entries from index `start` to `until` at most `limit` that anybody may read, in order.

    Only those of some `types` and of one procurement, unless these are empty.
    """
    which = _PLACED.where(LedgerLeaf.leaf_index.between(start, until), _IS_PUBLIC)
    if types:
        which = which.where(LedgerRecord.type.in_(types))
    if process:
        which = which.where(LedgerRecord.process == process)
    return await _placed(session, which.limit(limit))


async def readable_of(session: AsyncSession, types: Collection[str], process: str) -> list[Entry]:
    """Every entry of these types that anybody may read, of exactly this procurement ("" for none), in order."""
    which = _PLACED.where(LedgerRecord.type.in_(types), LedgerRecord.process == process, _IS_PUBLIC)
    return await _placed(session, which)


async def few_public(session: AsyncSession, types: Collection[str], most: int) -> list[int] | None:
    """The ids of all records of these types, which anybody may read at once; None where there are more than `most`, or
    one that is not public at once, so that others may disclose it."""
    which = select(LedgerRecord.id, LedgerRecord.visible).where(LedgerRecord.type.in_(types)).limit(most + 1)
    found = (await session.execute(which)).all()
    if len(found) > most or any(row.visible != Visible.AT_ONCE for row in found):
        return None
    return [row.id for row in found]


async def readable_among(
    session: AsyncSession, ids: Sequence[int], start: int, until: int, limit: int, process: str
) -> list[Entry]:
    """Of these public records at most `limit` that stand at the indexes from `start` to `until`, in order; of one
    procurement, unless that is empty."""
    which = _PLACED.where(LedgerRecord.id.in_(ids), LedgerLeaf.leaf_index.between(start, until))
    if process:
        which = which.where(LedgerRecord.process == process)
    return await _placed(session, which.limit(limit))


async def leaves(session: AsyncSession, start: int, limit: int) -> list[bytes]:
    """The public bytes of `limit` entries from index `start`; fewer where one is missing: none moves up."""
    there = LedgerLeaf.leaf_index.between(start, start + limit - 1)
    return list(await session.scalars(select(LedgerLeaf.entry).where(there).order_by(LedgerLeaf.leaf_index)))


async def of_process(session: AsyncSession, process: str) -> list[Entry]:
    """The readable entries of one procurement, in order.

    Hidden ones are left out altogether: whoever could count them would count the bids before the opening.
    """
    return await _placed(session, _PLACED.where(LedgerRecord.process == process, _IS_PUBLIC))


async def placed(session: AsyncSession, record_id: int) -> Entry | None:
    """Where a record stands in the log, or nothing while it waits for the sequencer."""
    return next(iter(await _placed(session, _PLACED.where(LedgerLeaf.record_id == record_id))), None)


async def published_keys(session: AsyncSession) -> dict[str, str]:
    """The verifier keys in force, by purpose ("checkpoints", "receipts", "keyholder")."""
    return dict(await keys_ever(session))


async def keys_ever(session: AsyncSession) -> list[tuple[str, str]]:
    """(purpose, verifier key) of each that was ever published, oldest first."""
    bodies = await session.scalars(
        select(LedgerRecord.body).where(LedgerRecord.type == KeyPublished.__name__).order_by(LedgerRecord.id)
    )
    facts = [msgspec.json.decode(body, type=Record).fact for body in bodies]
    return [(fact["purpose"], fact["verifier"]) for fact in facts]


async def unveiled(session: AsyncSession, record_id: int) -> Entry | None:
    """A placed record with its content, hidden or not: only for proving it to somebody who may know it."""
    row = (await session.execute(_PLACED.where(LedgerLeaf.record_id == record_id))).one_or_none()
    return Entry(row.leaf_index, row.entry.hex(), row.salt.hex(), row.body.decode()) if row else None


async def repeated_by(session: AsyncSession, record_id: int) -> int | None:
    """The placed RecordsRepeated that carries this record, by its id; nothing where none does."""
    by = select(LedgerDisclosure.by).join(LedgerRecord, LedgerRecord.id == LedgerDisclosure.by)
    placed_ = by.join(LedgerLeaf, LedgerLeaf.record_id == LedgerDisclosure.by)
    return await session.scalar(
        placed_.where(LedgerDisclosure.record_id == record_id, LedgerRecord.type == RecordsRepeated.__name__)
    )


async def latest_checkpoint(session: AsyncSession) -> LedgerCheckpoint | None:
    """The newest signed checkpoint."""
    signed = select(LedgerCheckpoint).where(LedgerCheckpoint.note.is_not(None))
    return await session.scalar(signed.order_by(LedgerCheckpoint.size.desc()).limit(1))


async def origin(connection: AsyncSession | AsyncConnection) -> str:
    """The log's name; also of a database that was not migrated yet to where it could have taken another."""
    renamed = None
    if await connection.scalar(text("SELECT to_regclass('public.ledger_origin')")):
        renamed = await connection.scalar(NEWEST_NAME)
    return str(renamed or await connection.scalar(FIRST_NAME))


async def waiting(session: AsyncSession) -> set[int]:
    """The records that the sequencer has not placed yet."""
    return set(await session.scalars(select(LedgerPending.record_id)))


# A join and no EXISTS, for which a page of the log would read every disclosure there is.
_DISCLOSED = LedgerDisclosure.record_id == LedgerRecord.id
_IS_PUBLIC = or_(LedgerRecord.visible == Visible.AT_ONCE, LedgerDisclosure.record_id.is_not(None))
_PLACED = (
    select(LedgerLeaf.leaf_index, LedgerLeaf.entry, LedgerRecord.salt, LedgerRecord.body, _IS_PUBLIC.label("public"))
    .join(LedgerRecord, LedgerRecord.id == LedgerLeaf.record_id)
    .outerjoin(LedgerDisclosure, _DISCLOSED)
    .order_by(LedgerLeaf.leaf_index)
)


async def _placed(session: AsyncSession, which: Any) -> list[Entry]:
    return [
        Entry(r.leaf_index, r.entry.hex(), r.salt.hex() if r.public else "", r.body.decode() if r.public else "")
        for r in await session.execute(which)
    ]
