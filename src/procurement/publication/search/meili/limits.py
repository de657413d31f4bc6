"""What a question asks of a document, as conditions by name: those by which PostgreSQL is asked the same."""

from datetime import datetime

from procurement.infra.search import Collection, Question
from procurement.infra.search.filters import above, among, below, between, equals, every, neither, some
from procurement.publication.rules.notice import code_beginning
from procurement.publication.search.documents import NONE, UNDECIDED, exact, micros

Limits = dict[str, str]

MOMENT = {Collection.NOTICES: "published", Collection.AWARDS: "awarded", Collection.ORGANISATIONS: "seen"}
"""The field that `since` and `until` speak of."""


def limits_of(question: Question, now: datetime) -> Limits:
    """One condition for each part of the question that limits anything; a facet's has its name."""
    if question.collection is Collection.ORGANISATIONS:
        wanted = {"role": among("roles", question.roles) if question.roles else ""}
    else:
        wanted = _of_purchase(question, now)
    wanted |= {"source": _sources(question), "year": _year(question)}
    return {name: condition for name, condition in wanted.items() if condition}


def is_open(now: datetime) -> str:
    """Undecided, with a deadline to come."""
    return every(equals("outcome", UNDECIDED), above("deadline", micros(now)))


def has_status(status: str, now: datetime) -> str:
    """`Notice.status` as a condition."""
    if status == "open":
        return is_open(now)
    if status == "closed":
        undecided = every(equals("outcome", UNDECIDED), neither(above("deadline", micros(now))))
        return some(equals("outcome", "closed"), undecided)
    return equals("outcome", status)


def _of_purchase(question: Question, now: datetime) -> Limits:
    """What a notice and an award can both be asked, and what only a notice can."""
    of_notices = question.collection is Collection.NOTICES
    statuses = [has_status(one, now) if of_notices else equals("status", one) for one in question.statuses]
    return {
        "status": some(*statuses),
        "kind": among("kind", map(exact, question.kinds)) if question.kinds else "",
        "buyer": equals("buyer_id", exact(question.buyer)) if question.buyer else "",
        "supplier": equals("supplier_ids", exact(question.supplier)) if question.supplier else "",
        "category": equals("categories", code_beginning(question.category)) if question.category else "",
        "closes": _closes(question, now) if of_notices else "",
        "value": _value(question),
    }


def _sources(question: Question) -> str:
    return among("source", map(exact, question.sources)) if question.sources else ""


def _closes(question: Question, now: datetime) -> str:
    if question.closes_before is None:
        return ""
    return every(is_open(now), below("deadline", micros(question.closes_before)))


def _value(question: Question) -> str:
    """What has no value stays in unless it was sent away."""
    without = equals("valued", NONE)
    bounds = between("amount", question.least, question.most)
    if not bounds:
        return "" if question.unvalued else neither(without)
    return some(bounds, without) if question.unvalued else bounds


def _year(question: Question) -> str:
    """From `since` up to, but without, `until`."""
    field = MOMENT[question.collection]
    from_then = "" if question.since is None else between(field, micros(question.since), None)
    return every(from_then, "" if question.until is None else below(field, micros(question.until)))
