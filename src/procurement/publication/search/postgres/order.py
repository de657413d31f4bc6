"""One page of what was found, in its order: a later page costs what the first did."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, case, func, literal, literal_column, select, tuple_

from procurement.infra.search import Collection, Question
from procurement.infra.tx import Tx
from procurement.publication.search import after
from procurement.publication.search.postgres.collected import DATES, TABLES, Row
from procurement.publication.search.postgres.limits import A, Filters, N, Org, worth
from procurement.publication.search.postgres.matching import Match

RANKED = 1_000  # newest matches among which the best are sought, so that a common word costs no more
COMPARED = 200  # of these, which have the words in the weightiest places, whose titles are compared letter by letter
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

Order = tuple[ColumnElement[Any], bool]
"""What a page is sorted by, and whether the largest comes first."""


async def page(tx: Tx, question: Question, filters: Filters, best: list[str] | None) -> tuple[list[str], str]:
    """The ids of one page, and the `after` of the next one. `best`: what `best_of` gave, where it was asked."""
    offset, last = after.place(question.after)
    if by_fit(question, filters):
        ids = await _best_of_many(tx, question, filters) if best is None else best
        begin = ids.index(last) + 1 if last in ids else await _begin(tx, question, last, offset)
        ids = ids[begin : begin + question.size + 1]
    else:
        ids = await ids_after(tx, question, filters, last)
    shown = ids[: question.size]
    return shown, f"{offset + len(shown)}-{shown[-1]}" if len(ids) > question.size else ""


async def ids_after(tx: Tx, question: Question, filters: Filters, last: str = "") -> list[str]:
    """The ids of one page and of one row more, from behind a row on."""
    place, falling = _order(question, tx.now)
    table = TABLES[question.collection]
    inner = select(table.id, place.label("place")).where(*filters.values()).subquery()
    keys = (inner.c.place, inner.c.id)
    asked = select(inner.c.id).order_by(*(key.desc() if falling else key.asc() for key in keys))
    if last:
        ended = (await tx.session.execute(select(place, table.id).where(table.id == last))).one_or_none()
        if ended is None:
            raise after.damaged()
        here = tuple_(*(literal(value, key.type) for value, key in zip(ended, keys, strict=True)))
        asked = asked.where(tuple_(*keys) < here if falling else tuple_(*keys) > here)
    return list((await tx.session.execute(asked.limit(question.size + 1))).scalars())


def by_fit(question: Question, filters: Filters) -> bool:
    """Whether a question's words order what is found."""
    return question.sort == "best" and "words" in filters


def best_of(question: Question, newest: Select[Any]) -> Subquery:
    """The best of some rows, given by id, date and place in the table: their ids, and each one's `number` from 1 on."""
    table, match, rows = TABLES[question.collection], Match.of(question.words), newest.subquery()
    rank, there = match.rank(table).label("rank"), row_of(table) == rows.c.row
    ranked = select(rows.c.id, rows.c.date, rank, table.words).join(table, there).subquery()
    place = func.row_number().over(order_by=(ranked.c.rank.desc(), ranked.c.date.desc(), ranked.c.id.desc()))
    placed = select(ranked, place.label("place")).subquery()
    score = case((placed.c.place <= COMPARED, placed.c.rank + match.near(placed.c.words)))
    number = func.row_number().over(order_by=(score.desc().nulls_last(), placed.c.place)).label("number")
    ordered = select(placed.c.id, number).order_by(number)
    return (ordered if question.after else ordered.limit(question.size + 1)).subquery()


def row_of(table: Row) -> ColumnElement[Any]:
    """Where a row stands, for as long as a statement lasts: it is met again sooner than by its id."""
    return literal_column(f"{table.__tablename__}.ctid")


def newest(rows: FromClause, *passing: ColumnElement[bool]) -> Select[Any]:
    """Those among which the best are sought, of rows with id, date and place in the table."""
    ordered = select(rows.c.id, rows.c.date, rows.c.row).where(*passing).order_by(rows.c.date.desc(), rows.c.id.desc())
    return ordered.limit(RANKED)


async def _best_of_many(tx: Tx, question: Question, filters: Filters) -> list[str]:
    """The newest of very many are met soonest by going back from today."""
    table = TABLES[question.collection]
    date = DATES[question.collection].label("date")
    found = select(table.id, date, row_of(table).label("row")).where(*filters.values()).subquery()
    best = best_of(question, newest(found))
    return list((await tx.session.scalars(select(best.c.id).order_by(best.c.number))).all())


async def _begin(tx: Tx, question: Question, last: str, offset: int) -> int:
    """Where a page begins behind a row that is not among the best any more."""
    table = TABLES[question.collection]
    if last and not await tx.session.scalar(select(select(table.id).where(table.id == last).exists())):
        raise after.damaged()
    return offset


def _order(question: Question, now: datetime) -> Order:
    """What lacks what a page is sorted by comes last."""
    if question.collection is Collection.ORGANISATIONS:
        return _order_of_organisations(question)
    table = N if question.collection is Collection.NOTICES else A
    if question.sort == "value":
        return worth(table.amount.expression), True
    if question.sort == "closes" and table is N:
        return _deadline(question, now), False
    if question.sort == "awarded" and table is N and question.statuses == ("awarded",):
        return N.awarded_at.expression, True
    return DATES[question.collection], True


def _order_of_organisations(question: Question) -> Order:
    if question.sort == "name":
        return func.lower(Org.name), False
    if question.sort == "value":
        return Org.bought + Org.won, True
    return Org.seen_at.expression, True


def _deadline(question: Question, now: datetime) -> ColumnElement[Any]:
    if question.statuses == ("open",):
        return N.deadline.expression
    return func.coalesce(case((N.deadline > now, N.deadline)), NEVER)
