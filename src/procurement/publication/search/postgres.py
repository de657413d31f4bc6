"""Search by PostgreSQL: full text on the notices, and similar spellings where no word matches."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, insert

from procurement.infra.freshness import PUBLISHED, changed
from procurement.infra.search import COUNTED, Collection, Count, Hits, Question, closest, plain, stem, terms
from procurement.infra.tx import Tx
from procurement.kernel.refusal import invalid
from procurement.publication.rules.notice import Notice, code_beginning
from procurement.publication.search import waiting
from procurement.publication.tables import NoticeRow as N

SIMILAR = 0.2  # of a word's trigrams, to be looked at more closely
CANDIDATES = 100  # notices whose words are looked at
RANKED = 2_000  # newest matches among which the best are sought, so that a common word costs no more
LONGEST_WORDS, LONGEST_TEXT = 2_000, 100_000  # letters of a notice that are searched
SIMPLE = cast("simple", REGCONFIG)  # no language's endings: notices come in many
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

_NAMED, _DESCRIBED = (func.to_tsvector(SIMPLE, bindparam(name, type_=Text)) for name in ("named", "described"))
_NEW = insert(N).values(
    tsv=func.setweight(_NAMED, text("'A'")).op("||")(func.setweight(_DESCRIBED, text("'D'"))),
)
PUT = _NEW.on_conflict_do_update(
    index_elements=["id"],
    set_={column.name: _NEW.excluded[column.name] for column in N.__table__.c if column.name != "id"},
)

Filters = dict[str, ColumnElement[bool]]


class PostgresSearch:
    """The notices' own table answers; there is no second copy to fall behind."""

    async def search(self, tx: Tx, question: Question) -> Hits:
        hits = await self._search(tx, question)
        if hits.total or not terms(question.words):
            return hits
        instead = await self._respelled(tx, terms(question.words))
        if instead == terms(question.words):
            return hits
        words = " ".join(instead)
        hits = await self._search(tx, msgspec.structs.replace(question, words=words))
        return msgspec.structs.replace(hits, instead=words) if hits.total else hits

    async def _search(self, tx: Tx, question: Question) -> Hits:
        filters = _filters(question, tx.now)
        ids = await _page(tx, question, filters)
        total, facets = await _facets(tx, filters)
        following = ids[question.size - 1] if len(ids) > question.size else ""
        return Hits(tuple(ids[: question.size]), total, "", facets, following)

    async def _respelled(self, tx: Tx, asked: list[str]) -> list[str]:
        """Each word as it is most likely meant: the closest one in some notice, by trigrams, then letters."""
        await tx.session.execute(text(f"SET LOCAL pg_trgm.word_similarity_threshold = {SIMILAR}"))
        alike = []
        for term in asked:
            some = select(N.words).where(literal(term).op("<%")(N.words)).limit(RANKED).subquery()
            best = select(some.c.words).order_by(func.word_similarity(term, some.c.words).desc()).limit(CANDIDATES)
            alike.append(select(literal(term).label("term"), best.subquery().c.words))
        found: dict[str, list[str]] = {term: [] for term in asked}
        for row in await tx.session.execute(union_all(*alike)):
            found[row.term] += row.words.split()
        return [closest(term, words) for term, words in found.items()]

    async def page(self, tx: Tx, question: Question) -> list[str]:
        """Only the ids of a page and of one row more, where nothing is counted."""
        return await _page(tx, question, _filters(question, tx.now))

    async def index(self, tx: Tx, documents: list[Notice]) -> None:
        if documents:
            await tx.session.execute(PUT, [_row(notice) for notice in documents])
            await waiting.mark(tx, Collection.NOTICES, (notice.id for notice in documents))
            await changed(tx, PUBLISHED)

    async def remove(self, tx: Tx, ids: list[str]) -> None:
        await tx.session.execute(delete(N).where(N.id.in_(ids)))
        await waiting.mark(tx, Collection.NOTICES, ids)


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
    """What a question asks of a notice, without pages and order."""
    return tuple(_filters(question, now).values())


def _matching(words: str) -> ColumnElement[bool] | None:
    found = terms(words)
    if not found:
        return None
    query = " & ".join(f"'{stem(term)}':*" for term in found)
    return N.tsv.op("@@")(func.to_tsquery(SIMPLE, query))


def _filters(question: Question, now: datetime) -> Filters:
    """One condition for each part of the question that limits anything, by name."""
    wanted: Filters = {}
    if (words := _matching(question.words)) is not None:
        wanted["words"] = words
    if question.statuses:
        wanted["status"] = or_(*(has_status(status, now) for status in question.statuses))
    if question.kinds:
        wanted["kind"] = N.kind.in_(question.kinds)
    if question.sources:
        wanted["source"] = N.source.in_(question.sources)
    if question.buyer:
        wanted["buyer"] = N.buyer_id == question.buyer
    if question.supplier:
        wanted["supplier"] = N.supplier_ids.contains([question.supplier])
    if question.category:
        wanted["category"] = N.categories.contains([code_beginning(question.category)])
    if question.closes_before:
        wanted["closes"] = and_(has_status("open", now), N.deadline < question.closes_before)
    if (value := _value(question)) is not None:
        wanted["value"] = value
    return wanted


def _value(question: Question) -> ColumnElement[bool] | None:
    bounds = []
    if question.least is not None:
        bounds.append(N.amount >= question.least)
    if question.most is not None:
        bounds.append(N.amount <= question.most)
    if not bounds:
        return None if question.unvalued else N.amount.is_not(None)
    return or_(and_(*bounds), N.amount.is_(None)) if question.unvalued else and_(*bounds)


async def _page(tx: Tx, question: Question, filters: Filters) -> list[str]:
    """The ids of one page and of one row more, by keyset: a later page costs what the first did."""
    place, falling = _order(question, tx.now)
    rows = select(N.id, place.label("place")).where(*filters.values())
    if question.sort == "best" and "words" in filters:
        rows = rows.order_by(N.published_at.desc(), N.id.desc()).limit(RANKED)
    inner = rows.subquery()
    keys = (inner.c.place, inner.c.id)
    page = select(inner.c.id).order_by(*(key.desc() if falling else key.asc() for key in keys))
    if question.after:
        ended = (await tx.session.execute(select(place, N.id).where(N.id == question.after))).one_or_none()
        if ended is None:
            raise invalid("This address of a further page is damaged. Search again from the first page.")
        here = tuple_(*(literal(value, key.type) for value, key in zip(ended, keys, strict=True)))
        page = page.where(tuple_(*keys) < here if falling else tuple_(*keys) > here)
    return list((await tx.session.execute(page.limit(question.size + 1))).scalars())


def _order(question: Question, now: datetime) -> tuple[ColumnElement[Any], bool]:
    """What a page is sorted by, and whether the largest comes first. What lacks it comes last."""
    if question.sort == "value":
        return func.coalesce(N.amount, -1), True
    if question.sort == "closes" and question.statuses == ("open",):
        return N.deadline.expression, False
    if question.sort == "closes":
        return func.coalesce(case((N.deadline > now, N.deadline)), NEVER), False
    if question.sort == "awarded" and question.statuses == ("awarded",):
        return N.awarded_at.expression, True
    if question.sort == "best" and (found := terms(question.words)):
        query = func.to_tsquery(SIMPLE, " | ".join(f"'{stem(term)}':*" for term in found))
        score = func.ts_rank(N.tsv, query) + func.word_similarity(" ".join(found), N.words)
        return func.round(cast(score, Numeric), 6), True
    return N.published_at.expression, True


async def _facets(tx: Tx, filters: Filters) -> tuple[int, dict[str, tuple[Count, ...]]]:
    """How many there are in all, and for each choice of each facet with every other limit in force.

    Facets that limit nothing are counted in one pass; one that does is counted as if it did not.
    """
    facets: dict[str, ColumnElement[Any]] = {
        "status": status_at(tx.now),
        "kind": N.kind.expression,
        "source": N.source.expression,
        "value": case((N.amount.is_(None), "none"), else_="given"),
    }
    passes = [{name: column for name, column in facets.items() if name not in filters}]
    passes += [{name: column} for name, column in facets.items() if name in filters]
    total, found = 0, {name: dict[str, int]() for name in facets}
    for number, columns in enumerate(passes):
        limits = [limit for part, limit in filters.items() if part not in columns]
        for row in await tx.session.execute(_counting(columns, limits)):
            total += row.number if number == 0 else 0
            for name in columns:
                value = getattr(row, name)
                found[name][value] = found[name].get(value, 0) + row.number
    return total, {name: _in_order(counts) for name, counts in found.items()}


def _counting(columns: dict[str, ColumnElement[Any]], limits: list[ColumnElement[bool]]) -> Select[Any]:
    """How often each combination of the columns occurs, in a bounded number of notices."""
    named = [column.label(name) for name, column in columns.items()]
    bounded = select(N.id, *named).where(*limits).limit(COUNTED + 1).subquery()
    combined = [bounded.c[name] for name in columns]
    return select(*combined, func.count().label("number")).select_from(bounded).group_by(*combined)


def _in_order(counts: dict[str, int]) -> tuple[Count, ...]:
    return tuple(Count(value, number) for value, number in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _row(notice: Notice) -> dict[str, Any]:
    words = plain(" ".join((notice.title, notice.buyer, *notice.suppliers, notice.ocid, notice.id)))[:LONGEST_WORDS]
    told = plain(notice.text)[:LONGEST_TEXT]
    return {
        "id": notice.id,
        "source": notice.source,
        "ocid": notice.ocid,
        "title": notice.title,
        "summary": notice.summary,
        "kind": notice.kind,
        "buyer_id": notice.buyer_id,
        "buyer": notice.buyer,
        "supplier_ids": list(notice.supplier_ids),
        "suppliers": list(notice.suppliers),
        "categories": list(notice.categories),
        "amount": notice.value.amount if notice.value else None,
        "currency": notice.value.currency if notice.value else None,
        "outcome": notice.outcome,
        "published_at": notice.published_at,
        "deadline": notice.deadline,
        "awarded_at": notice.awarded_at,
        "award_amount": notice.award.amount if notice.award else None,
        "award_currency": notice.award.currency if notice.award else None,
        "bids": notice.bids,
        "words": words,
        "named": words,
        "described": told,
    }
