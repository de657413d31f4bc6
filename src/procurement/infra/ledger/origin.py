"""Another name for the log, after a restore that lost signed entries.

Whoever holds a checkpoint of the lost entries would see the restored log as a fork, if it went on under its old name.
Under a new name it is what it is: another log, whose first own entry says which one it continues, and from where.
"""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.anchor import FILE, Anchor
from procurement.infra.ledger.facts import LogRenamed
from procurement.infra.ledger.sequencer import LogFellBack
from procurement.infra.ledger.tables import LedgerCheckpoint, LedgerOrigin
from procurement.kernel.canonical import canonical
from procurement.kernel.checkpoint import Checkpoint
from procurement.kernel.refusal import Refused

if TYPE_CHECKING:
    from procurement.infra.tx import Tx


class Loss(msgspec.Struct, frozen=True):
    """What a new name would be about: the database has `size` entries, which are not all that `known` covers."""

    previous: str
    origin: str
    size: int
    root: str
    known: Checkpoint
    why: str

    @property
    def word(self) -> str:
        """What somebody who has read all this repeats; another loss has another one."""
        parts = [self.previous, self.origin, self.size, self.root, self.known.size, self.known.root.hex()]
        return hashlib.sha256(canonical(parts)).hexdigest()[:8]


async def loss(tx: "Tx", anchor: Anchor) -> Loss:
    """What was lost. Refused("log-is-whole") when the database holds everything that is known outside of it."""
    known = anchor.kept
    try:
        await anchor.must_hold(tx.session)
    except LogFellBack as fell_back:
        assert known is not None
        newest = select(LedgerCheckpoint).order_by(LedgerCheckpoint.size.desc()).limit(1)
        last = await tx.session.scalar(newest)
        size, root = (last.size, last.root.hex()) if last else (0, "")
        return Loss(anchor.key.name, following(anchor.key.name), size, root, known, str(fell_back))
    raise Refused("log-is-whole", "The log continues every checkpoint that is known of it, and keeps its name.")


async def rename(tx: "Tx", lost: Loss, note: str, reason: str) -> None:
    """Record the new name and put it in force; whoever signs has to be started again. `note`: the newest known
    checkpoint, signed."""
    fact = LogRenamed(
        previous=lost.previous, origin=lost.origin, size=lost.size, root=lost.root, newest_known=note, reason=reason
    )
    record_id = await tx.record(fact)
    tx.session.add(LedgerOrigin(origin=lost.origin, previous=lost.previous, record_id=record_id))
    await tx.session.flush()


async def set_aside(tx: "Tx", data: Path) -> Path | None:
    """Keep the old name's checkpoint under another file name, so that the new one begins without; None where that was
    done before. Nothing else ever moves it: with it the old log could not be signed on."""
    path = data / FILE
    if not path.exists():
        return None
    name = path.read_text().partition("\n")[0]
    if name == await ledger.origin(tx.session):
        return None
    aside = path.with_name(f"checkpoint.{re.sub('[^A-Za-z0-9.-]', '_', name)}")
    path.rename(aside)
    return aside


def following(origin: str) -> str:
    """`log.example/record` -> `log.example/record/2` -> `log.example/record/3`."""
    stem, _, number = origin.rpartition("/")
    return f"{stem}/{int(number) + 1}" if stem and number.isdecimal() else f"{origin}/2"
