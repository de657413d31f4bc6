"""How far something has come that is derived little by little. It may be stopped anywhere."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.publication.tables import DerivationRow

NOTICES, WORDS = "notices", "words"
EDITION = 1  # of the rules by which notices, awards and organisations are derived: a higher one derives all anew


async def begin_again(tx: Tx, name: str = NOTICES, edition: int = EDITION) -> None:
    """Derive everything anew, from the first one on."""
    row = {"name": name, "edition": edition, "after": "", "done": False, "at": tx.now}
    started = insert(DerivationRow).values(row)
    await tx.session.execute(started.on_conflict_do_update(index_elements=["name"], set_=row))


async def known(tx: Tx, name: str) -> DerivationRow | None:
    return await tx.session.scalar(select(DerivationRow).where(DerivationRow.name == name))


async def mine(tx: Tx, name: str) -> DerivationRow | None:
    """The same for whoever goes on with it, locked; None while another process is at it."""
    row = select(DerivationRow).where(DerivationRow.name == name).with_for_update(skip_locked=True)
    return await tx.session.scalar(row.execution_options(populate_existing=True))
