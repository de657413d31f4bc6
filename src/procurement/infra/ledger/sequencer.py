"""The sequencer gives every record its place in the log, then signs what is committed.

1. Take the lock that only one sequencer holds; hold the log against the checkpoint kept outside of the database.
2. Read pending records in the order of their ids, and the last checkpoint.
3. Append leaves, grow the tiles, recompute the root from what is stored, commit the checkpoint.
4. Sign only committed rows: a lost lock can never make two signed trees of one size.
5. Keep the newest signed checkpoint outside of the database.
"""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import delete, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.infra.ledger.tables import (
    LedgerCheckpoint,
    LedgerLeaf,
    LedgerPending,
    LedgerRecord,
    LedgerTile,
)
from procurement.kernel import merkle, tiles
from procurement.kernel.checkpoint import Checkpoint, SignerKey
from procurement.kernel.entry import entry_for
from procurement.kernel.fact import Visible

BATCH = 5_000
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('ledger.sequencer'))")

log = logging.getLogger(__name__)


class TreeAltered(Exception):
    """The stored tree no longer gives the committed root: nothing more is signed until a person has looked."""


class LogFellBack(Exception):
    """The database's log lacks what was signed before: to sign on would fork it from what others hold."""


class Kept(Protocol):
    """What is known of the log outside of the database (`anchor.Anchor`)."""

    def keep(self, note: str) -> None: ...

    def remember(self, note: str) -> None: ...

    async def must_hold(self, session: AsyncSession) -> None: ...


async def held_tiles(session: AsyncSession, ids: Sequence[tiles.TileId]) -> dict[tiles.TileId, bytes]:
    rows = await session.execute(
        select(LedgerTile.level, LedgerTile.tile_index, LedgerTile.hashes).where(
            tuple_(LedgerTile.level, LedgerTile.tile_index).in_(ids)
        )
    )
    return {(row.level, row.tile_index): row.hashes for row in rows}


class Sequencer:
    """`anchor` knows the log outside of the database; a bench or a test of the tree alone goes without."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], key: SignerKey, anchor: Kept | None = None) -> None:
        self.sessions, self.key, self.anchor = sessions, key, anchor

    async def run_once(self) -> int:
        """Place one batch and sign what is committed; returns how many records were placed.

        Raises LogFellBack, and then neither places nor signs anything.
        """
        async with self.sessions.begin() as session:
            placed = await self._place(session) if await session.scalar(LOCK) else 0
        async with self.sessions.begin() as session:
            newest = await self._sign(session)
        if newest and self.anchor:
            self.anchor.keep(newest)
        return placed

    async def _place(self, session: AsyncSession) -> int:
        pending = await session.execute(
            select(LedgerRecord.id, LedgerRecord.salt, LedgerRecord.body, LedgerRecord.visible)
            .join(LedgerPending, LedgerPending.record_id == LedgerRecord.id)
            .order_by(LedgerRecord.id)
            .limit(BATCH)
        )
        rows = pending.all()
        if not rows:
            return 0
        await self._must_hold(session)
        last = await session.scalar(select(LedgerCheckpoint).order_by(LedgerCheckpoint.size.desc()).limit(1))
        size = last.size if last else 0
        entries = [entry_for(row.salt, row.body, at_once=row.visible == Visible.AT_ONCE) for row in rows]
        await session.execute(
            insert(LedgerLeaf),
            [{"leaf_index": size + i, "record_id": row.id, "entry": entries[i]} for i, row in enumerate(rows)],
        )
        await self._grow(session, last, [merkle.leaf_hash(entry) for entry in entries])
        await session.execute(delete(LedgerPending).where(LedgerPending.record_id.in_([row.id for row in rows])))
        return len(rows)

    async def _grow(self, session: AsyncSession, last: LedgerCheckpoint | None, leaves: list[bytes]) -> None:
        size = last.size if last else 0
        edge = await held_tiles(session, list({*tiles.right_edge(size), *tiles.needed_for_root(size)}))
        if last and tiles.tree_root(edge, size) != last.root:
            raise TreeAltered(f"the tiles do not give the root of size {size}")
        changed = tiles.grow(edge, size, leaves)
        values = [{"level": level, "tile_index": index, "hashes": hashes} for (level, index), hashes in changed.items()]
        stored = upsert(LedgerTile).values(values)
        await session.execute(
            stored.on_conflict_do_update(
                index_elements=[LedgerTile.level, LedgerTile.tile_index], set_={"hashes": stored.excluded.hashes}
            )
        )
        grown = size + len(leaves)
        held = await held_tiles(session, list(tiles.needed_for_root(grown)))
        checkpoint: dict[str, Any] = {"size": grown, "root": tiles.tree_root(held, grown)}
        await session.execute(insert(LedgerCheckpoint).values(**checkpoint, at=text("clock_timestamp()")))

    async def _sign(self, session: AsyncSession) -> str:
        """Sign what is committed; returns the newest signed note, "" when nothing waited."""
        unsigned = select(LedgerCheckpoint).where(LedgerCheckpoint.note.is_(None)).order_by(LedgerCheckpoint.size)
        rows, note = (await session.scalars(unsigned.with_for_update(skip_locked=True))).all(), ""
        if rows:
            await self._must_hold(session)
        for row in rows:
            note = self.key.sign(Checkpoint(self.key.verifier.name, row.size, row.root).text())
            await session.execute(update(LedgerCheckpoint).where(LedgerCheckpoint.size == row.size).values(note=note))
        return note

    async def _must_hold(self, session: AsyncSession) -> None:
        if self.anchor:
            await self.anchor.must_hold(session)
