"""What a question asks of a row, as conditions of SQL by name."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_

from procurement.infra.search import Collection, Question
from procurement.publication.rules.notice import code_beginning
from procurement.publication.search.postgres.collected import DATES, TABLES
from procurement.publication.search.postgres.matching import Match
from procurement.publication.tables import AwardRow, NoticeRow, OrganisationRow

N, A, Org = NoticeRow, AwardRow, OrganisationRow

Filters = dict[str, ColumnElement[bool]]


def status_at(now: datetime) -> ColumnElement[str]:
    """`Notice.status` in SQL."""
    undecided = case((N.deadline > now, "open"), else_="closed")
    return case((N.outcome == "", undecided), else_=N.outcome)


def has_status(status: str, now: datetime) -> ColumnElement[bool]:
    """Written so that the partial indexes on undecided and on awarded notices serve it."""
    if status == "open":
        return and_(N.outcome == "", N.deadline > now)
    if status == "closed":
        return or_(N.outcome == "closed", and_(N.outcome == "", or_(N.deadline <= now, N.deadline.is_(None))))
    return N.outcome == status


def limits(question: Question, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What a question asks of a row, without pages and order."""
    return tuple(filters(question, now).values())


def filters(question: Question, now: datetime) -> Filters:
    """One condition for each part of the question that limits anything in its collection, by the name of its facet
    where it has one."""
    wanted: Filters = {}
    match, table = Match.of(question.words), TABLES[question.collection]
    if match.parts:
        wanted["words"] = match.found_in(table)
    if question.sources:
        wanted["source"] = table.source.in_(question.sources)
    dates, date = [], DATES[question.collection]
    if question.since:
        dates.append(date >= question.since)
    if question.until:
        dates.append(date < question.until)
    if dates:
        wanted["year"] = and_(*dates)
    if question.collection is Collection.ORGANISATIONS:
        return wanted | _of_an_organisation(question)
    own = _of_a_notice(question, now) if question.collection is Collection.NOTICES else _of_an_award(question)
    return wanted | own | _of_both(question)


def _of_a_notice(question: Question, now: datetime) -> Filters:
    wanted: Filters = {}
    if question.statuses:
        wanted["status"] = or_(*(has_status(status, now) for status in question.statuses))
    if question.closes_before:
        wanted["closes"] = and_(has_status("open", now), N.deadline < question.closes_before)
    return wanted


def _of_an_award(question: Question) -> Filters:
    return {"status": A.status.in_(question.statuses)} if question.statuses else {}


def _of_an_organisation(question: Question) -> Filters:
    return {"role": Org.roles.overlap(list(question.roles))} if question.roles else {}


def _of_both(question: Question) -> Filters:
    """Procurements and awards alike."""
    wanted: Filters = {}
    table = N if question.collection is Collection.NOTICES else A
    if question.kinds:
        wanted["kind"] = table.kind.in_(question.kinds)
    if question.buyer:
        wanted["buyer"] = table.buyer_id == question.buyer
    if question.supplier:
        wanted["supplier"] = table.supplier_ids.contains([question.supplier])
    if question.category:
        wanted["category"] = table.categories.contains([code_beginning(question.category)])
    if (value := _value(question, table.amount.expression)) is not None:
        wanted["value"] = value
    return wanted


def worth(amount: ColumnElement[int | None]) -> ColumnElement[int]:
    """Written as the indexes by value have it: what says no amount comes before all that does."""
    return func.coalesce(amount, literal_column("-1::bigint"))


def _value(question: Question, amount: ColumnElement[int | None]) -> ColumnElement[bool] | None:
    bounds = []
    if question.least is not None:
        bounds.append(worth(amount) >= question.least)
    if question.most is not None:
        bounds.append(worth(amount) <= question.most)
    if not question.unvalued:
        return and_(amount.is_not(None), *bounds)
    return or_(and_(*bounds), amount.is_(None)) if bounds else None
