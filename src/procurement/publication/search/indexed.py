"""What the database knows of the indexes that were filled from it.

A ticket is drawn here and committed before each push, and travels with it. So the engine's newest ticket is the one
kept here, or the one before when a push never arrived. Any other means that this is not the pair of database and index
that belong together: one of them was restored, emptied or exchanged, and the index is built anew.
"""

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.publication.search.tables import IndexRow, WaitingRow

PUBLISHING = text("SELECT EXISTS (SELECT FROM outbox WHERE done_at IS NULL AND topic LIKE 'publication.%')")
LAG = text("""
    SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float AS seconds
    FROM search_waiting
""")


async def rows(tx: Tx) -> dict[Collection, IndexRow]:
    """By collection; one that was never built, or no longer exists, has none."""
    known = {str(one): one for one in Collection}
    found = await tx.session.scalars(select(IndexRow))
    return {known[row.collection]: row for row in found if row.collection in known}


def belongs(row: IndexRow | None, uid: str, seen: str) -> bool:
    """Whether the index `uid`, whose newest ticket is `seen`, was filled from this database, and last from it."""
    return row is not None and row.uid == uid and seen in (row.ticket, row.ticket_before)


async def draw(tx: Tx, collection: Collection, seen: str) -> str:
    """The ticket of the next push into an index whose newest one is `seen`. Commit before pushing."""
    row = await tx.session.get_one(IndexRow, collection, with_for_update=True)
    if row.ticket == seen:
        row.ticket_before, row.ticket = row.ticket, new_id()
    return row.ticket


async def built(tx: Tx, collection: Collection, uid: str, settings: str, ticket: str, documents: int) -> None:
    """A new index has taken its place."""
    made = {"uid": uid, "settings": settings, "ticket": ticket, "ticket_before": ticket, "documents": documents}
    row = insert(IndexRow).values(collection=collection, position=-1, built_at=tx.real_now, **made)
    anew = {**made, "built_at": tx.real_now}
    await tx.session.execute(row.on_conflict_do_update(index_elements=[IndexRow.collection], set_=anew))


async def reached(tx: Tx, head: int) -> None:
    """Nothing waited when the newest entry of the log was `head`: unless its publication itself still waits."""
    if not await tx.session.scalar(PUBLISHING):
        await tx.session.execute(update(IndexRow).where(IndexRow.position < head).values(position=head))


async def abandon(tx: Tx) -> None:
    """There is no engine to tell. One that comes later, or comes back, is filled from the beginning."""
    for table in (WaitingRow, IndexRow):
        await tx.session.execute(delete(table))


async def lag(tx: Tx) -> tuple[int, float]:
    """How many documents wait, and the seconds that the first of them has waited."""
    row = (await tx.session.execute(LAG)).one()
    return row.waiting, row.seconds
