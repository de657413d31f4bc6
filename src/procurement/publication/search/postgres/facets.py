"""How many items each choice would show."""

import functools
import operator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import CTE, ColumnElement, Integer, Subquery, cast, extract, false, func, select

from procurement.infra.search import COUNTED, Collection, Count, Question
from procurement.infra.tx import Tx
from procurement.publication.search.postgres.collected import DATES, TABLES
from procurement.publication.search.postgres.limits import A, Filters, N, Org, status_at
from procurement.publication.search.postgres.order import best_of, by_fit, newest
from procurement.publication.search.postgres.sides import ANYWAY, BEST, sides, tally

READ = 50_000  # rows of one pass; where more match the words, each choice is counted by itself

Columns = dict[str, ColumnElement[Any]]
Facets = dict[str, tuple[Count, ...]]


class Counted(msgspec.Struct, frozen=True):
    """How many there are in all, for each choice of each facet with every other limit in force, and of buyers and
    suppliers with all of them. `best`: ids of what the words fit best, in their order, where all of it was read."""

    total: int
    facets: Facets
    best: list[str] | None


async def count(tx: Tx, question: Question, filters: Filters) -> Counted:
    every = _facets(question.collection, tx.now)
    chosen = filters.keys() & every.keys()
    selective = len(filters) > len(chosen) > 0
    counted = await _at_once(tx, question, every, filters) if selective else None
    return counted or await _one_by_one(tx, question, every, filters)


async def _at_once(tx: Tx, question: Question, every: Columns, filters: Filters) -> Counted | None:
    """All from one pass over what fails no more than one choice. None where that is too much to be read."""
    chosen = [name for name in every if name in filters]
    fails = {f"fails_{name}": cast(func.coalesce(filters[name], false()).is_(False), Integer) for name in chosen}
    misses = functools.reduce(operator.add, fails.values())
    limits = [limit for name, limit in filters.items() if name not in every]
    named = sides(question.collection, filters)
    read = _read(question, {**every, **fails, "misses": misses}, named, [*limits, misses <= 1], READ)
    passing = read.c.misses == 0
    best = _best(question, filters, read, passing, READ)
    rows = await tx.session.execute(tally(read, [*every, *fails], named, passing, best))
    total, number, found = 0, 0, {name: dict[Any, int]() for name in (*every, *named, BEST)}
    for row in rows.mappings():
        if row["side"]:
            found[row["side"]][row["party"]] = row["number"]
            continue
        number += row["number"]
        failed = [name for name in chosen if row[f"fails_{name}"]]
        total += 0 if failed else row["number"]
        for name in failed or every:
            _add(found[name], row[name], row["number"])
    return None if number > READ else _counted(min(total, COUNTED + 1), found, complete=best is not None)


async def _one_by_one(tx: Tx, question: Question, every: Columns, filters: Filters) -> Counted:
    """Facets that limit nothing are counted in one pass, which says who and what is best; one that does is counted as
    if it did not."""
    free = {name: column for name, column in every.items() if name not in filters}
    named = sides(question.collection, filters)
    read = _read(question, free, named, [*filters.values()], COUNTED)
    best = _best(question, filters, read, ANYWAY, COUNTED)
    total, found = 0, {name: dict[Any, int]() for name in (*every, *named, BEST)}
    for row in (await tx.session.execute(tally(read, free, named, best=best))).mappings():
        if row["side"]:
            found[row["side"]][row["party"]] = row["number"]
            continue
        total += row["number"]
        for name in free:
            _add(found[name], row[name], row["number"])
    for name in every.keys() - free.keys():
        others = [limit for part, limit in filters.items() if part != name]
        read = _read(question, {name: every[name]}, {}, others, COUNTED)
        for row in (await tx.session.execute(tally(read, [name], {}))).mappings():
            _add(found[name], row[name], row["number"])
    return _counted(total, found, complete=best is not None and total <= COUNTED)


def _read(question: Question, columns: Columns, named: Columns, limits: list[ColumnElement[bool]], most: int) -> CTE:
    """What is counted, and of one row more that it was too much."""
    table, date = TABLES[question.collection], DATES[question.collection].label("date")
    wanted = [column.label(name) for name, column in (columns | named).items()]
    return select(table.id, date, *wanted).where(*limits).limit(most + 1).cte()


def _best(question: Question, filters: Filters, read: CTE, passing: ColumnElement[bool], most: int) -> Subquery | None:
    """Which of them fit best, nothing where not all was read; None where nobody asked."""
    complete = select(func.count()).select_from(read).scalar_subquery() <= most
    return best_of(question, newest(read, passing, complete)) if by_fit(question, filters) else None


def _add(counts: dict[Any, int], value: Any, number: int) -> None:
    value = tuple(value) if isinstance(value, list) else value
    counts[value] = counts.get(value, 0) + number


def _counted(total: int, found: dict[str, dict[Any, int]], *, complete: bool) -> Counted:
    best = found.pop(BEST)
    ids = sorted(best, key=lambda id_: best[id_]) if complete else None
    return Counted(total, {name: _in_order(name, counts) for name, counts in found.items()}, ids)


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
