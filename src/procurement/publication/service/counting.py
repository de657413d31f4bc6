"""How often each word occurs, counted now and then in the newest items, to guess what somebody meant."""

from datetime import timedelta

from sqlalchemy import text

from procurement.infra.freshness import PUBLISHED, versions
from procurement.infra.tx import Tx
from procurement.publication.search.postgres.collected import DATES, TABLES
from procurement.publication.service import derivation

EVERY = timedelta(minutes=10)
NEWEST = 50_000  # items whose words are counted; older ones are searched all the same
COUNT = """
    WITH counted AS (
        SELECT word, ndoc AS number
        FROM ts_stat('SELECT tsv FROM {table} ORDER BY {date} DESC LIMIT {newest}')
        WHERE word ~ '^[[:alpha:]]{{4,30}}$'
    ), gone AS (
        DELETE FROM search_word WHERE collection = :collection
            AND NOT EXISTS (SELECT FROM counted WHERE counted.word = search_word.word)
    )
    INSERT INTO search_word (collection, word, number) SELECT :collection, word, number FROM counted
    ON CONFLICT (collection, word) DO UPDATE SET number = excluded.number WHERE search_word.number <> excluded.number
"""  # words that somebody could misspell: of letters, neither short nor endless


async def count_words(tx: Tx) -> bool:
    """Count them where something public has changed since and it is time; whether they were counted."""
    version = (await versions(tx.session, [PUBLISHED]))[PUBLISHED]
    known = await derivation.known(tx, derivation.WORDS)
    if known is not None and (known.edition == version or tx.now - known.at < EVERY):
        return False
    if known is None:
        await derivation.begin_again(tx, derivation.WORDS, edition=0)
    row = await derivation.mine(tx, derivation.WORDS)
    if row is None:
        return False
    for collection, table in TABLES.items():
        names = {"table": table.__tablename__, "date": DATES[collection].key, "newest": NEWEST}
        await tx.session.execute(text(COUNT.format(**names)), {"collection": collection})
    row.edition, row.at, row.done = version, tx.now, True
    return True
