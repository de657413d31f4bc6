"""Who buys, and who won, most often in what is found: the largest only, counted over the rows that are read anyway."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    Subquery,
    Text,
    cast,
    false,
    func,
    literal,
    null,
    select,
)
from sqlalchemy import union_all as all_of

from procurement.infra.search import LARGEST, Collection
from procurement.publication.search.postgres.limits import A, Filters, N

Columns = dict[str, ColumnElement[Any]]

ANYWAY = false().is_(False)
BEST = "best"


def sides(collection: Collection, filters: Filters) -> Columns:
    """The columns that name them. Where one is chosen there is nothing left to choose."""
    if collection is Collection.ORGANISATIONS:
        return {}
    if collection is Collection.NOTICES:
        every: Columns = {"buyer": N.buyer_id.expression}
    else:
        every = {"buyer": A.buyer_id.expression, "supplier": A.supplier_ids.expression}
    return {name: column for name, column in every.items() if name not in filters}


def tally(
    read: CTE,
    combined: Iterable[str],
    named: Iterable[str],
    passing: ColumnElement[bool] = ANYWAY,
    best: Subquery | None = None,
) -> CompoundSelect[Any]:
    """How often each combination of columns occurs in what was read: rows whose `side` is "". Of each named side the
    largest among what passes: rows with `side` and `party`, and nothing in the other columns. All have a `number`.
    What is `best` comes as a side of its own: BEST, whose parties are ids by their place."""
    columns = [read.c[name] for name in combined]
    combinations = select(
        literal("").label("side"), cast(null(), Text).label("party"), func.count().label("number"), *columns
    ).group_by(*columns)
    others = [_largest(read, side, len(columns), passing) for side in named]
    if best is not None:
        others.append(select(literal(BEST), best.c.id, best.c.number, *(null() for _ in columns)))
    return all_of(combinations, *others)


def _largest(read: CTE, side: str, width: int, passing: ColumnElement[bool]) -> Select[Any]:
    column = read.c[side]
    each = select(func.unnest(column) if side == "supplier" else column).where(passing).subquery()
    party, number = each.c[0], func.count()
    counted = select(literal(side), party, number, *(null() for _ in range(width))).where(party != "")
    return counted.group_by(party).order_by(number.desc(), party).limit(LARGEST)
