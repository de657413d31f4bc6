"""One pass over what is found, which says what each choice would show, who is in it, and what fits the words best."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, Text, and_, cast, func, literal, null, select, true
from sqlalchemy import union_all as all_of

from procurement.infra.search import Collection, Question
from procurement.publication.search.postgres.collected import DATES, TABLES
from procurement.publication.search.postgres.limits import Filters
from procurement.publication.search.postgres.order import best_of, by_fit, newest, row_of
from procurement.publication.search.postgres.sides import Columns, categories, largest, sides

SIDE, BEST = "side", "best"


def reading(
    question: Question,
    filters: Filters,
    every: Columns,
    fails: Columns,
    limits: Sequence[ColumnElement[bool]],
    *,
    whole: bool,
) -> CompoundSelect[Any]:
    """How often each combination of the columns of `every` and `fails` (1 where a row fails a choice) occurs in what is
    within the limits: rows whose `side` is "". Of what fails nothing, the largest of each side: rows with `side` and
    `party`, and nothing in the other columns. All have a `number`.

    The `whole` has sides besides: CATEGORY, where there are few, and BEST, whose parties are ids by their place, where
    words are to order them. A sample is read without them, so that an index holds all of it.
    """
    table, named, best = TABLES[question.collection], sides(question.collection, filters), by_fit(question, filters)
    columns = every | fails | named
    by_category = whole and question.collection is not Collection.ORGANISATIONS
    if by_category:
        columns["categories"] = table.__table__.c.categories
    if whole and best:
        columns |= {"id": table.id.expression, "date": DATES[question.collection], "row": row_of(table)}
    read = select(*(column.label(name) for name, column in columns.items())).where(*limits).cte()
    passing = and_(true(), *(read.c[name] == 0 for name in fails))
    combined = [read.c[name] for name in (*every, *fails)]
    others: list[Select[Any]] = [largest(read, side, len(combined), passing) for side in named]
    if by_category:
        others.append(categories(read, question, len(combined), passing))
    if whole and best:
        others.append(_best(question, read, len(combined), passing))
    return all_of(_combinations(combined), *others)


def _combinations(combined: Sequence[ColumnElement[Any]]) -> Select[Any]:
    party, number = cast(null(), Text).label("party"), func.count().label("number")
    return select(literal("").label(SIDE), party, number, *combined).group_by(*combined)


def _best(question: Question, read: CTE, width: int, passing: ColumnElement[bool]) -> Select[Any]:
    best = best_of(question, newest(read, passing))
    return select(literal(BEST), best.c.id, best.c.number, *(null() for _ in range(width)))
