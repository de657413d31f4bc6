"""The newest signed checkpoint, kept in the data folder: outside the database, so that a restored one is noticed.

A database that was restored to an earlier point has a shorter log than the one others hold checkpoints of. Whoever
signed on would fork it, so the sequencer asks here first. What witnesses hold of us counts as well.
"""

import os
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from procurement.infra.ledger.sequencer import LogFellBack, held_tiles
from procurement.infra.ledger.tables import LedgerCheckpoint
from procurement.kernel import tiles
from procurement.kernel.checkpoint import Checkpoint, VerifierKey, open_checkpoint

FILE = "ledger/checkpoint"  # below the data folder


class Anchor:
    """The checkpoint kept in `data`, signed by `key`. Nothing is kept before the first one."""

    def __init__(self, data: Path, key: VerifierKey) -> None:
        self.path, self.key = data / FILE, key
        self.kept: Checkpoint | None = None
        self.others: list[Checkpoint] = []  # shorter ones that witnesses hold, not compared yet
        if self.path.exists():
            self.kept = open_checkpoint(self.path.read_text(), key, key.name)

    def keep(self, note: str) -> None:
        """Keep a checkpoint that was just signed, durably, unless a newer one is kept already."""
        signed = open_checkpoint(note, self.key, self.key.name)
        if self.kept and signed.size <= self.kept.size:
            return
        write_durably(self.path, note)
        self.kept = signed

    def remember(self, note: str) -> None:
        """Somebody else holds this checkpoint of ours: the log has to continue it, as if we had kept it ourselves."""
        held = open_checkpoint(note, self.key, self.key.name)
        if self.kept and held.size <= self.kept.size:
            self.others.append(held)
        else:
            self.keep(note)

    async def must_hold(self, session: AsyncSession) -> None:
        """Raises LogFellBack unless the database's log holds every entry that the kept checkpoints cover."""
        for checkpoint in (*self.others, *([self.kept] if self.kept else [])):
            await must_continue(session, checkpoint)
        self.others.clear()


async def must_continue(session: AsyncSession, checkpoint: Checkpoint) -> None:
    """Raises LogFellBack unless the database's log begins with the tree of this checkpoint."""
    size = await session.scalar(select(LedgerCheckpoint.size).order_by(LedgerCheckpoint.size.desc()).limit(1)) or 0
    if size < checkpoint.size:
        raise LogFellBack(
            f"the database holds {size} entries, a checkpoint kept outside of it covers {checkpoint.size}: "
            "it was restored to an earlier point"
        )
    held = await held_tiles(session, list(tiles.needed_for_root(checkpoint.size)))
    if tiles.tree_root(held, checkpoint.size) != checkpoint.root:
        raise LogFellBack(
            f"the first {checkpoint.size} entries of the database are not those that a checkpoint kept outside of "
            "it covers"
        )


def write_durably(path: Path, text: str) -> None:
    """Write a file whole or not at all, and its name too."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
