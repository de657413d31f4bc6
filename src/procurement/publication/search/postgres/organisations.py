"""Organisations as they are searched. What each bought and won is counted anew, never added up: so it is always right.

A row is locked before it is counted: of two transactions with the same organisation the second one counts what the
first one brought.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.search import plain
from procurement.infra.tx import Tx
from procurement.publication.rules.organisation_line import Named
from procurement.publication.search.postgres.rows import LONGEST_WORDS, vector
from procurement.publication.tables import OrganisationRow

_NEW = insert(OrganisationRow).values(
    roles=[], bought=0, won=0, seen_at=func.to_timestamp(0), tsv=vector({"v_words": "A", "v_place": "C"})
)
PUT = _NEW.on_conflict_do_update(
    index_elements=["id"], set_={name: _NEW.excluded[name] for name in ("name", "place", "words", "tsv")}
)

COUNT = text("""
    UPDATE public_organisation SET bought = sums.bought, won = sums.won, seen_at = greatest(sums.called, sums.awarded),
        roles = array_remove(
            ARRAY[CASE WHEN sums.bought > 0 THEN 'buyer' END, CASE WHEN sums.won > 0 THEN 'supplier' END], NULL
        )
    FROM unnest(CAST(:ids AS text[])) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT
            (SELECT count(*) FROM notice WHERE buyer_id = asked.id) AS bought,
            (SELECT max(published_at) FROM notice WHERE buyer_id = asked.id) AS called,
            (SELECT count(*) FROM public_award WHERE supplier_ids @> ARRAY[asked.id]) AS won,
            (SELECT max(awarded_at) FROM public_award WHERE supplier_ids @> ARRAY[asked.id]) AS awarded
    ) sums
    WHERE public_organisation.id = asked.id AND sums.bought + sums.won > 0
""")
GONE = text("""
    DELETE FROM public_organisation WHERE id = ANY(CAST(:ids AS text[]))
    AND NOT EXISTS (SELECT FROM notice WHERE buyer_id = public_organisation.id)
    AND NOT EXISTS (SELECT FROM public_award WHERE supplier_ids @> ARRAY[public_organisation.id])
""")


async def lock(tx: Tx, ids: Iterable[str]) -> None:
    """Those that are listed, in the order of their ids, so that no two transactions wait crosswise."""
    rows = select(OrganisationRow.id).where(OrganisationRow.id.in_(set(ids))).order_by(OrganisationRow.id)
    await tx.session.execute(rows.with_for_update())


async def put(tx: Tx, named: Sequence[Named]) -> None:
    """Write them under the name that was read last."""
    by_id = {one.id: one for one in named}
    if by_id:
        await tx.session.execute(PUT, [_row(by_id[id_]) for id_ in sorted(by_id)])


async def count(tx: Tx, ids: Iterable[str]) -> None:
    """Count anew what these bought and won; who did neither is no longer listed."""
    if wanted := sorted(set(ids)):
        await tx.session.execute(COUNT, {"ids": wanted})
        await tx.session.execute(GONE, {"ids": wanted})


def _row(one: Named) -> dict[str, Any]:
    words = plain(f"{one.name} {one.id}")[:LONGEST_WORDS]
    said = {"id": one.id, "source": one.source, "name": one.name, "place": one.place, "words": words}
    return said | {"v_words": words, "v_place": plain(one.place)}
