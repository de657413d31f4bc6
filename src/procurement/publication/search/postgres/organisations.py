"""Organisations as they are searched, with what each bought and won.

What changes is added to what is there, under the row's lock: counting anew would read all that a large buyer ever
published, with each notice. Who is new, or has lost something, is counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.kernel.words import plain
from procurement.publication.rules.organisation_line import Named
from procurement.publication.search.postgres.rows import LONGEST_WORDS, vector
from procurement.publication.tables import OrganisationRow

_NEW = insert(OrganisationRow).values(
    roles=[], bought=0, won=0, seen_at=func.to_timestamp(0), tsv=vector({"v_words": "A", "v_place": "C"})
)
PUT = _NEW.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _NEW.excluded[name] for name in ("name", "place", "words", "tsv")},
    where=or_(OrganisationRow.name != _NEW.excluded.name, OrganisationRow.place != _NEW.excluded.place),
)
ADD = text("""
    UPDATE public_organisation SET bought = bought + more.bought_too, won = won + more.won_too,
        seen_at = greatest(seen_at, more.seen),
        roles = array_remove(ARRAY[CASE WHEN bought + more.bought_too > 0 THEN 'buyer' END,
            CASE WHEN won + more.won_too > 0 THEN 'supplier' END], NULL)
    FROM unnest(
        CAST(:ids AS text[]), CAST(:bought AS bigint[]), CAST(:won AS bigint[]), CAST(:seen AS timestamptz[])
    ) AS more (id, bought_too, won_too, seen)
    WHERE public_organisation.id = more.id
""")
COUNT = text("""
    UPDATE public_organisation SET bought = calls.number, won = awards.number,
        seen_at = greatest(calls.last, awards.last),
        roles = array_remove(ARRAY[CASE WHEN calls.number > 0 THEN 'buyer' END,
            CASE WHEN awards.number > 0 THEN 'supplier' END], NULL)
    FROM unnest(CAST(:ids AS text[])) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS number, max(published_at) AS last FROM notice WHERE buyer_id = asked.id
    ) calls
    CROSS JOIN LATERAL (
        SELECT count(*) AS number, max(awarded_at) AS last FROM public_award WHERE supplier_ids @> ARRAY[asked.id]
    ) awards
    WHERE public_organisation.id = asked.id AND calls.number + awards.number > 0
""")
GONE = text("""
    DELETE FROM public_organisation WHERE id = ANY(CAST(:ids AS text[]))
    AND NOT EXISTS (SELECT FROM notice WHERE buyer_id = public_organisation.id)
    AND NOT EXISTS (SELECT FROM public_award WHERE supplier_ids @> ARRAY[public_organisation.id])
""")


class Change(msgspec.Struct):
    """How many procurements and awards more an organisation has now, and when the newest of them was published."""

    bought: int = 0
    won: int = 0
    seen_at: datetime | None = None

    def seen(self, at: datetime) -> None:
        self.seen_at = max(self.seen_at or at, at)


async def put(tx: Tx, named: Sequence[Named], changes: Mapping[str, Change]) -> None:
    """Write organisations under the name that was read last, once their notices and awards are written."""
    known = await _lock(tx, changes)
    by_id = {one.id: one for one in named}
    if by_id:
        await tx.session.execute(PUT, [_row(by_id[id_]) for id_ in sorted(by_id)])
    doubtful = {id_ for id_, more in changes.items() if id_ not in known or more.bought < 0 or more.won < 0}
    await _add(tx, {id_: more for id_, more in changes.items() if id_ not in doubtful})
    if doubtful:
        await tx.session.execute(COUNT, {"ids": sorted(doubtful)})
        await tx.session.execute(GONE, {"ids": sorted(doubtful)})


async def _lock(tx: Tx, ids: Iterable[str]) -> set[str]:
    """Those that are listed, in the order of their ids, so that no two transactions wait crosswise."""
    rows = select(OrganisationRow.id).where(OrganisationRow.id.in_(set(ids))).order_by(OrganisationRow.id)
    return set(await tx.session.scalars(rows.with_for_update()))


async def _add(tx: Tx, changes: Mapping[str, Change]) -> None:
    if changes:
        columns = {
            "bought": [more.bought for more in changes.values()],
            "won": [more.won for more in changes.values()],
            "seen": [more.seen_at for more in changes.values()],
        }
        await tx.session.execute(ADD, {"ids": list(changes), **columns})


def _row(one: Named) -> dict[str, Any]:
    words = plain(f"{one.name} {one.id}")[:LONGEST_WORDS]
    said = {"id": one.id, "source": one.source, "name": one.name, "place": one.place, "words": words}
    return said | {"v_words": words, "v_place": plain(one.place)}
