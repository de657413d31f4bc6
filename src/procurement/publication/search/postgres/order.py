"""One page of what was found, in its order: a later page costs what the first did."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, tuple_

from procurement.infra.search import Collection, Question
from procurement.infra.tx import Tx
from procurement.publication.search import after
from procurement.publication.search.postgres.collected import DATES, TABLES
from procurement.publication.search.postgres.limits import A, Filters, N, Org
from procurement.publication.search.postgres.matching import Match

RANKED = 2_000  # newest matches among which the best are sought, so that a common word costs no more
COMPARED = 200  # of these, which have the words in the weightiest places, whose titles are compared letter by letter
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

Order = tuple[ColumnElement[Any], bool]
"""What a page is sorted by, and whether the largest comes first."""


async def page(tx: Tx, question: Question, filters: Filters, *, common: bool) -> tuple[list[str], str]:
    """The ids of one page, and the `after` of the next one. `common`: more than COUNTED are found."""
    offset, last = after.place(question.after)
    if question.sort == "best" and "words" in filters:
        ids = await _best(tx, question, filters, common=common)
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


async def _best(tx: Tx, question: Question, filters: Filters, *, common: bool) -> list[str]:
    """The ids of the newest RANKED that are found, the best first. Few are found by their words and put in order; the
    newest of many are met sooner by going back from today."""
    table, match = TABLES[question.collection], Match.of(question.words)
    found = select(table.id, DATES[question.collection].label("date")).where(*filters.values()).cte()
    if not common:
        found = found.prefix_with("MATERIALIZED")
    newest = select(found).order_by(found.c.date.desc(), found.c.id.desc()).limit(RANKED).subquery()
    ranked = (
        select(newest, match.rank(table).label("rank"), table.words).join(table, table.id == newest.c.id).subquery()
    )
    order = func.row_number().over(order_by=(ranked.c.rank.desc(), ranked.c.date.desc(), ranked.c.id.desc()))
    placed = select(ranked, order.label("number")).subquery()
    score = case((placed.c.number <= COMPARED, placed.c.rank + match.near(placed.c.words)))
    asked = select(placed.c.id).order_by(score.desc().nulls_last(), placed.c.number)
    return list((await tx.session.scalars(asked if question.after else asked.limit(question.size + 1))).all())


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
        return func.coalesce(table.amount, -1), True
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
