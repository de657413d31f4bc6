"""Proofs from stored tiles: that an entry is in a tree, that a tree extends an earlier one."""

import base64
from collections.abc import Callable

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger import service as ledger
from procurement.infra.ledger import witnesses
from procurement.infra.ledger.sequencer import held_tiles
from procurement.infra.ledger.tables import LedgerCheckpoint, LedgerLeaf, LedgerRecord
from procurement.kernel import merkle, tiles
from procurement.kernel.entry import gives
from procurement.kernel.refusal import Refused


class Proof(msgspec.Struct, frozen=True):
    """An audit path (base64, from the leaf upwards) with the signed checkpoint that it leads to."""

    index: int
    size: int
    path: list[str]
    checkpoint: str

    def hashes(self) -> list[bytes]:
        return [base64.b64decode(step) for step in self.path]


async def prove(session: AsyncSession, index: int, size: int = 0) -> Proof:
    """Inclusion of entry `index` in the signed tree of `size` leaves; when 0, in the newest one that most witnesses
    cosigned, or in the newest one where none of them has cosigned the entry yet.

    Refused("not-yet-proven") while the entry waits for a checkpoint.
    """
    checkpoint = await _of_size(session, size) if size else await witnesses.best(session, index)
    if checkpoint is None and not size:
        checkpoint = await ledger.latest_checkpoint(session)
    if checkpoint is None or not 0 <= index < checkpoint.size:
        raise Refused("not-yet-proven", "No signed checkpoint covers this entry yet. Try again soon.", status=404)
    path = await _read(session, lambda hashes: merkle.inclusion_proof(index, checkpoint.size, hashes))
    return Proof(index, checkpoint.size, path, await witnesses.with_cosignatures(session, checkpoint))


async def _of_size(session: AsyncSession, size: int) -> LedgerCheckpoint | None:
    signed = select(LedgerCheckpoint).where(LedgerCheckpoint.note.is_not(None), LedgerCheckpoint.size == size)
    return await session.scalar(signed)


async def prove_growth(session: AsyncSession, old: int, new: int) -> list[str]:
    """That the tree of `new` leaves extends the one of its first `old` (base64)."""
    if not 0 < old <= new:
        raise Refused("sizes-out-of-order", "Ask for an earlier and a later size.", status=422)
    committed = await session.scalar(select(LedgerCheckpoint.size).order_by(LedgerCheckpoint.size.desc()).limit(1))
    if new > (committed or 0):
        raise Refused("not-yet-proven", "The record has not grown to this size yet. Try again soon.", status=404)
    return await _read(session, lambda hashes: merkle.consistency_proof(old, new, hashes))


async def _read(session: AsyncSession, proof: Callable[[merkle.Range], list[bytes]]) -> list[str]:
    """Find out which tiles the proof needs, fetch them in one query, then make it."""
    needed = tiles.Needed()
    proof(needed)
    held = await held_tiles(session, list(needed.tiles))
    return [base64.b64encode(step).decode() for step in proof(tiles.Held(held))]


async def recompute(session: AsyncSession) -> int:
    """Hold every placed record against its entry, hidden ones too; returns how many there are.

    Refused("record-altered", 500) names the first that does not give its entry.
    """
    rows = await session.stream(
        select(LedgerLeaf.leaf_index, LedgerLeaf.entry, LedgerRecord.salt, LedgerRecord.body)
        .join(LedgerRecord, LedgerRecord.id == LedgerLeaf.record_id)
        .order_by(LedgerLeaf.leaf_index)
    )
    count = 0
    async for row in rows:
        if row.leaf_index != count or not gives(row.salt, row.body, row.entry):
            raise Refused("record-altered", f"Entry {count} is not what its record gives.", status=500)
        count += 1
    return count
