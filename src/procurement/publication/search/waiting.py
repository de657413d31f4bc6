"""Which documents changed since a search engine beside the database was told.

Whoever writes what a document is made of marks it in the same transaction: what is committed cannot be forgotten, and
what is rolled back is not told. One engine reads all collections, in the order of their turns.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import select, text

from procurement.infra.search import Collection
from procurement.infra.tx import Tx
from procurement.publication.search.tables import WaitingRow

# In the order of their ids, so that two transactions with the same documents never wait for each other crosswise.
MARK = text("""
    INSERT INTO search_waiting (collection, id)
    SELECT :collection, id FROM unnest(CAST(:ids AS text[])) AS id ORDER BY id
    ON CONFLICT (collection, id) DO UPDATE SET turn = nextval('search_turn')
""")
# A row that somebody is just marking again stays: nobody waits for anybody.
FORGET = text("""
    DELETE FROM search_waiting WHERE (collection, id, turn) IN (
        SELECT collection, id, turn FROM search_waiting
        JOIN unnest(CAST(:collections AS text[]), CAST(:ids AS text[]), CAST(:turns AS bigint[]))
            AS told (collection, id, turn) USING (collection, id, turn)
        FOR UPDATE OF search_waiting SKIP LOCKED
    ) RETURNING id
""")


class Waiting(msgspec.Struct, frozen=True):
    """A document to be told. Marked again meanwhile, it has another turn."""

    collection: Collection
    id: str
    turn: int


async def mark(tx: Tx, collection: Collection, ids: Iterable[str]) -> None:
    """These documents were written or removed in this transaction. The rows stay locked until its end: do it late."""
    if wanted := sorted(set(ids)):
        await tx.session.execute(MARK, {"collection": collection, "ids": wanted})


async def take(tx: Tx, collections: Sequence[Collection], most: int) -> list[Waiting]:
    """The documents that wait longest for their turn. They go on waiting until they are forgotten."""
    rows = select(WaitingRow).where(WaitingRow.collection.in_(collections)).order_by(WaitingRow.turn).limit(most)
    return [Waiting(Collection(row.collection), row.id, row.turn) for row in await tx.session.scalars(rows)]


async def forget(tx: Tx, told: Sequence[Waiting]) -> int:
    """The engine has these; returns how many wait no longer. One that was marked since, or is being, waits on."""
    columns = {"collections": [one.collection for one in told], "ids": [one.id for one in told]}
    gone = await tx.session.execute(FORGET, {**columns, "turns": [one.turn for one in told]})
    return len(gone.all())
