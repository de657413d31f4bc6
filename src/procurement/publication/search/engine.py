"""Which engine answers a search: Meilisearch where there is one, PostgreSQL in its place whenever it cannot.

PostgreSQL is the reserve, and says so, when Meilisearch does not answer, or its index is not the one that this program
was written for. It is no reserve where no Meilisearch is set up, nor on pages so far back that nobody counts them.
"""

import msgspec

from procurement.infra.search import COUNTED, Hits, Question
from procurement.infra.search.meili import Meili, Unanswered, of
from procurement.infra.tx import Tx
from procurement.publication.search import indexed
from procurement.publication.search.after import place
from procurement.publication.search.index_settings import name, version
from procurement.publication.search.meili import MeiliSearch
from procurement.publication.search.postgres import PostgresSearch


async def search(tx: Tx, question: Question) -> Hits:
    """The hits of one page. Refused("form-invalid") for an address of a further page that nobody gave out."""
    engine = of(tx)
    if engine is None or place(question.after)[0] + question.size >= COUNTED:
        return await PostgresSearch().search(tx, question)
    try:
        await _must_be_built(tx, question, engine)
        return await MeiliSearch(engine).search(tx, question)
    except Unanswered:
        return msgspec.structs.replace(await PostgresSearch().search(tx, question), reserve=True)


async def _must_be_built(tx: Tx, question: Question, engine: Meili) -> None:
    """Unanswered unless the index was built from this database, with these settings."""
    row = (await indexed.rows(tx)).get(question.collection)
    built = (name(engine.prefix, question.collection), version(question.collection))
    if row is None or (row.uid, row.settings) != built:
        raise Unanswered("the index is not built yet")
