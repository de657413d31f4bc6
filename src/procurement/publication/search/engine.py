"""Which engine answers a search: Meilisearch where there is one, PostgreSQL in its place whenever it cannot.

PostgreSQL is the reserve, and says so, when Meilisearch does not answer, or its index is not the one that this program
was written for; no page that was made so is given again. It is no reserve where no Meilisearch is set up, nor on pages
so far back that nobody counts them.
"""

from collections.abc import Iterable, Sequence
from functools import cache

import msgspec
from sqlalchemy import select

from procurement.infra import freshness
from procurement.infra.search import BESIDE, COUNTED, Collection, Hits, Question
from procurement.infra.search.meili import Meili, Unanswered, of
from procurement.infra.tx import Tx
from procurement.publication.search import figures, indexed
from procurement.publication.search.after import place
from procurement.publication.search.index_settings import name, version
from procurement.publication.search.meili import MeiliSearch
from procurement.publication.search.postgres import PostgresSearch, limits
from procurement.publication.search.postgres.collected import TABLES
from procurement.publication.search.postgres.sample import bounded_count

our_version = cache(version)  # it reads thousands of synonyms: once in a process, not three times a page


async def search(tx: Tx, question: Question) -> Hits:
    """The hits of one page. Refused("form-invalid") for an address of a further page that nobody gave out."""
    return (await search_beside(tx, question, ()))[0]


async def search_beside(tx: Tx, question: Question, others: Sequence[Question]) -> tuple[Hits, list[int]]:
    """The hits of one page, and how many each of the `others` finds, beyond BESIDE only that it is more; of
    Meilisearch it is all asked at once. Refused as `search`."""
    engine = of(tx)
    if engine is None or place(question.after)[0] + question.size >= COUNTED:
        return await PostgresSearch().search(tx, question), await totals(tx, others)
    try:
        await _must_be_built(tx, engine, {question.collection, *(one.collection for one in others)})
        found = await MeiliSearch(engine).search(tx, question, others)
        figures.answered(reserve=False)
        engine.replaced = False
        return found
    except Unanswered:
        figures.answered(reserve=True)
        engine.replaced = True
        freshness.passing(tx)
        hits = msgspec.structs.replace(await PostgresSearch().search(tx, question), reserve=True)
        return hits, await _counted(tx, others)


async def totals(tx: Tx, questions: Sequence[Question]) -> list[int]:
    """How many each question finds, beyond BESIDE only that it is more: all asked at once, by the engine that would
    find them."""
    engine = of(tx)
    if engine is not None and questions:
        try:
            await _must_be_built(tx, engine, {question.collection for question in questions})
            return await MeiliSearch(engine).totals(tx, questions)
        except Unanswered:
            freshness.passing(tx)
    return await _counted(tx, questions)


async def _counted(tx: Tx, questions: Sequence[Question]) -> list[int]:
    """By PostgreSQL, in one statement."""
    counts = [bounded_count(TABLES[one.collection], BESIDE + 1, *limits(one, tx.now)) for one in questions]
    return list((await tx.session.execute(select(*counts))).one()) if counts else []


async def _must_be_built(tx: Tx, engine: Meili, collections: Iterable[Collection]) -> None:
    """Unanswered unless these indexes were built from this database, with these settings."""
    rows = await indexed.rows(tx)
    for collection in collections:
        row, wanted = rows.get(collection), (name(engine.prefix, collection), our_version(collection))
        if row is None or (row.uid, row.settings) != wanted:
            raise Unanswered("the index is not built yet")
