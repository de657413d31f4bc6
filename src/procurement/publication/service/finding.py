"""What a search finds, loaded from the database: an engine gives ids, and what is gone since is left out."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import func, literal, select, union_all

from procurement.infra.search import COUNTED, Collection, Hits, Question, meili
from procurement.infra.tx import Tx
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice, code_beginning
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.search import engine, limits
from procurement.publication.search.postgres.tables import TABLES
from procurement.publication.service.lines import award_lines, organisation_lines
from procurement.publication.service.reading import notices
from procurement.publication.tables import AwardRow, NoticeRow

Item = Notice | AwardLine | OrganisationLine


async def find(tx: Tx, question: Question) -> tuple[Hits, tuple[Item, ...]]:
    """The hits of any collection, and the items in their order. See `search` for notices alone."""
    hits = await engine.search(tx, question)
    items = await _items(tx, question.collection, hits.found)
    return hits, tuple(items[id_] for id_ in hits.found if id_ in items)


async def total(tx: Tx, question: Question) -> int:
    """How many there are, up to COUNTED + 1, by the engine that would find them."""
    if meili.of(tx) is not None:
        return (await engine.search(tx, msgspec.structs.replace(question, size=1, after=""))).total
    bounded = select(TABLES[question.collection].id).where(*limits(question, tx.now)).limit(COUNTED + 1).subquery()
    return await tx.session.scalar(select(func.count()).select_from(bounded)) or 0


async def in_categories(tx: Tx, question: Question, codes: Sequence[str]) -> dict[str, int]:
    """How many of the notices or awards that a question finds are in each category, up to COUNTED + 1."""
    table = AwardRow if question.collection is Collection.AWARDS else NoticeRow
    wanted = limits(question, tx.now)
    counts = []
    for code in codes:
        inside = select(table.id).where(*wanted, table.categories.contains([code_beginning(code)]))
        bounded = inside.limit(COUNTED + 1).subquery()
        counts.append(select(literal(code).label("code"), func.count().label("number")).select_from(bounded))
    rows = await tx.session.execute(union_all(*counts)) if counts else ()
    return dict.fromkeys(codes, 0) | {row.code: row.number for row in rows}


async def names(tx: Tx, organisations: Iterable[str]) -> dict[str, str]:
    """What buyers and suppliers are called in the public record, by id; nobody who is not in it."""
    wanted = set(organisations)
    return {id_: one.name for id_, one in (await organisation_lines(tx, wanted)).items()} if wanted else {}


async def _items(tx: Tx, collection: Collection, ids: Iterable[str]) -> dict[str, Item]:
    if collection is Collection.AWARDS:
        return dict(await award_lines(tx, ids))
    return dict(await (organisation_lines(tx, ids) if collection is Collection.ORGANISATIONS else notices(tx, ids)))
