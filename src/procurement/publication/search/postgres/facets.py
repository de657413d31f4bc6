"""How many items each choice would show."""

import functools
import operator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Integer, cast, extract, false, func, select

from procurement.infra.search import COUNTED, Collection, Count, Question
from procurement.infra.tx import Tx
from procurement.publication.search.postgres.collected import DATES, TABLES
from procurement.publication.search.postgres.limits import A, Filters, N, Org, status_at
from procurement.publication.search.postgres.sides import sides, tally

READ = 30_000  # rows of one pass; where more match the words, each choice is counted by itself

Columns = dict[str, ColumnElement[Any]]
Facets = dict[str, tuple[Count, ...]]


async def facets(tx: Tx, question: Question, filters: Filters) -> tuple[int, Facets]:
    """How many there are in all, and for each choice of each facet with every other limit in force; buyers and
    suppliers with all of them."""
    every = _facets(question.collection, tx.now)
    chosen = filters.keys() & every.keys()
    selective = len(filters) > len(chosen) > 0
    counted = await _at_once(tx, question.collection, every, filters) if selective else None
    return counted or await _one_by_one(tx, question.collection, every, filters)


async def _at_once(tx: Tx, collection: Collection, every: Columns, filters: Filters) -> tuple[int, Facets] | None:
    """All from one pass over what fails no more than one choice. None where that is too much to be read."""
    table, chosen = TABLES[collection], [name for name in every if name in filters]
    fails = {name: cast(func.coalesce(filters[name], false()).is_(False), Integer) for name in chosen}
    misses = functools.reduce(operator.add, fails.values())
    limits = [limit for name, limit in filters.items() if name not in every]
    columns = [column.label(name) for name, column in every.items()]
    columns += [failed.label(f"fails_{name}") for name, failed in fails.items()]
    named = sides(collection, filters)
    more = [column.label(name) for name, column in named.items()]
    read = select(table.id, misses.label("misses"), *columns, *more).where(*limits, misses <= 1).limit(READ + 1).cte()
    counting = tally(read, [column.name for column in columns], named, read.c.misses == 0)
    total, number, found = 0, 0, {name: dict[Any, int]() for name in (*every, *named)}
    for row in (await tx.session.execute(counting)).mappings():
        if row["side"]:
            found[row["side"]][row["party"]] = row["number"]
            continue
        number += row["number"]
        failed = [name for name in chosen if row[f"fails_{name}"]]
        total += 0 if failed else row["number"]
        for name in failed or every:
            value = tuple(row[name]) if isinstance(row[name], list) else row[name]
            found[name][value] = found[name].get(value, 0) + row["number"]
    if number > READ:
        return None
    return min(total, COUNTED + 1), {name: _in_order(name, counts) for name, counts in found.items()}


async def _one_by_one(tx: Tx, collection: Collection, every: Columns, filters: Filters) -> tuple[int, Facets]:
    """Facets that limit nothing are counted in one pass; one that does is counted as if it did not."""
    passes = [{name: column for name, column in every.items() if name not in filters}]
    passes += [{name: column} for name, column in every.items() if name in filters]
    named = sides(collection, filters)
    total, found = 0, {name: dict[Any, int]() for name in (*every, *named)}
    for number, columns in enumerate(passes):
        limits = [limit for part, limit in filters.items() if part not in columns]
        for row in await tx.session.execute(_counting(collection, columns, limits, {} if number else named)):
            if row.side:
                found[row.side][row.party] = row.number
                continue
            total += row.number if number == 0 else 0
            for name in columns:
                value = getattr(row, name)
                value = tuple(value) if isinstance(value, list) else value
                found[name][value] = found[name].get(value, 0) + row.number
    return total, {name: _in_order(name, counts) for name, counts in found.items()}


def _facets(collection: Collection, now: datetime) -> Columns:
    if collection is Collection.ORGANISATIONS:
        return {"role": Org.roles.expression, "source": Org.source.expression}
    table = N if collection is Collection.NOTICES else A
    return {
        "status": status_at(now) if table is N else A.status.expression,
        "kind": table.kind.expression,
        "source": table.source.expression,
        "value": func.num_nonnulls(table.amount),
        "year": cast(extract("year", DATES[collection]), Integer),
    }


def _counting(
    collection: Collection, columns: Columns, limits: list[ColumnElement[bool]], named: Columns
) -> CompoundSelect[Any]:
    """How often each combination of the columns occurs, and who is named most often, in a bounded number of rows."""
    wanted = [column.label(name) for name, column in (columns | named).items()]
    bounded = select(TABLES[collection].id, *wanted).where(*limits).limit(COUNTED + 1).cte()
    return tally(bounded, columns, named)


def _in_order(name: str, counts: dict[Any, int]) -> tuple[Count, ...]:
    """The most frequent choice first; years in their order, the newest first."""
    if name == "role":
        roles = {role: sum(number for held, number in counts.items() if role in held) for role in ("buyer", "supplier")}
        return tuple(Count(role, number) for role, number in roles.items() if number)
    if name == "value":
        counts = {"given" if given else "none": number for given, number in counts.items()}
    named = [Count(str(value), number) for value, number in counts.items()]
    if name == "year":
        return tuple(sorted(named, key=lambda one: one.value, reverse=True))
    return tuple(sorted(named, key=lambda one: (-one.count, one.value)))
