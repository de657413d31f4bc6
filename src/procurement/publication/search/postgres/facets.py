"""How many items each choice would show: first in a sample, then exactly where that is not beyond COUNTED."""

from collections.abc import Collection as Some
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Integer, and_, cast, extract, false, func, or_

from procurement.infra.search import COUNTED, Collection, Count, Question
from procurement.infra.tx import Tx
from procurement.publication.search.postgres.collected import DATES, TABLES
from procurement.publication.search.postgres.limits import A, Filters, N, Org, status_at
from procurement.publication.search.postgres.order import by_fit
from procurement.publication.search.postgres.reading import BEST, SIDE, reading
from procurement.publication.search.postgres.sample import ONE_OF, enough, sampled
from procurement.publication.search.postgres.sides import CATEGORY, FEW, Columns, sides

Facets = dict[str, tuple[Count, ...]]
Counts = dict[str, dict[Any, int]]


class Counted(msgspec.Struct, frozen=True):
    """How many there are in all, for each choice of each facet with every other limit in force, and of buyers and
    suppliers with all of them. `best`: ids of what the words fit best, in their order, where all of it was read."""

    total: int
    facets: Facets
    best: list[str] | None


class Read(msgspec.Struct, frozen=True):
    """What passes every limit, and what each choice of each facet would show, of what was read."""

    total: int
    counts: Counts

    def reach(self, facet: str) -> int:
        """How many pass every limit but that of the facet."""
        return sum(self.counts[facet].values())


async def count(tx: Tx, question: Question, filters: Filters) -> Counted:
    """Where a sample says that more than COUNTED are found, or would be without one choice, it also says which choices
    there are, and by its proportions how many: more than are shown as a number."""
    every = _facets(question.collection, tx.now)
    chosen = filters.keys() & every.keys()
    some, most = await _read(tx, question, every, filters, chosen, sample=True), enough(COUNTED)
    if some.total > most:
        return Counted(COUNTED + 1, _in_proportion(some.counts), None)
    loose = {name for name in chosen if some.reach(name) <= most}
    exact = await _read(tx, question, every, filters, loose)
    best = exact.counts.pop(BEST)
    beyond = _in_proportion({name: some.counts[name] for name in chosen - loose})
    facets = {name: _in_order(name, counts) for name, counts in exact.counts.items()} | beyond
    if question.collection is Collection.ORGANISATIONS or exact.total > FEW:
        facets.pop(CATEGORY)
    ids = sorted(best, key=lambda id_: best[id_]) if by_fit(question, filters) else None
    return Counted(min(exact.total, COUNTED + 1), facets, ids)


async def _read(
    tx: Tx, question: Question, every: Columns, filters: Filters, loose: Some[str], *, sample: bool = False
) -> Read:
    """One pass over what fails no more than one of the `loose` choices, of all or of the sample. A facet with a choice
    that is not loose is counted in what was chosen only."""
    table = TABLES[question.collection]
    limits = [limit for name, limit in filters.items() if name not in loose]
    if len(loose) > 1:
        limits.append(or_(*(and_(*(filters[name] for name in loose if name != failed)) for failed in loose)))
    if sample:
        limits.append(sampled(table))
    fails: Columns = {
        f"fails_{name}": cast(func.coalesce(filters[name], false()).is_(False), Integer) for name in loose
    }
    statement = reading(question, filters, every, fails, limits, whole=not sample)
    named = sides(question.collection, filters)
    total, counts = 0, {name: dict[Any, int]() for name in (*every, *named, BEST, CATEGORY)}
    for row in (await tx.session.execute(statement)).mappings():
        if row[SIDE]:
            counts[row[SIDE]][row["party"]] = row["number"]
            continue
        failed = [name for name in loose if row[f"fails_{name}"]]
        total += 0 if failed else row["number"]
        for name in failed or every:
            _add(counts[name], row[name], row["number"])
    return Read(total, counts)


def _add(counts: dict[Any, int], value: Any, number: int) -> None:
    value = tuple(value) if isinstance(value, list) else value
    counts[value] = counts.get(value, 0) + number


def _in_proportion(counts: Counts) -> Facets:
    """As many more in all as the sample leaves out."""
    known = {name: some for name, some in counts.items() if name not in (BEST, CATEGORY)}
    return {name: _in_order(name, {one: n * ONE_OF for one, n in some.items()}) for name, some in known.items()}


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
