"""What the doctor looks at of search: the engine beside the database, its keys, and how true its indexes are."""

import asyncio
from collections.abc import Mapping

from sqlalchemy.exc import SQLAlchemyError

from procurement.infra.doctor import Check
from procurement.infra.doctor.finding import Finding, advice, broken, ok
from procurement.infra.outbox import Handlers
from procurement.infra.search import Collection
from procurement.infra.search.filling import EngineFailed, Filling, Index
from procurement.infra.search.keys import Right, rights
from procurement.infra.tx import Database, Tx
from procurement.publication.search import indexed
from procurement.publication.search.documents import KEY
from procurement.publication.search.filler import INDEXER
from procurement.publication.search.index_settings import name, version
from procurement.publication.search.sources import SOURCES
from procurement.settings import Settings

OLDEST = (1, 50)  # the version of Meilisearch that the settings of the indexes are written for
LATE = 60.0  # seconds that a change may wait to be told
MB = 10**6


async def search(settings: Settings) -> list[Finding]:
    if not settings.meilisearch_url:
        return [ok("search", "by PostgreSQL: there is no MEILISEARCH_URL.")]
    filling = Filling(settings.meilisearch_url, settings.meilisearch_index_key, KEY)
    try:
        found = [_version(await filling.version()), *await asyncio.to_thread(_keys, settings)]
        indexes = {one: await filling.index(name(settings.meilisearch_prefix, one)) for one in SOURCES}
    except EngineFailed as no:
        meanwhile = "PostgreSQL searches meanwhile. Is it started, are MEILISEARCH_URL and MEILISEARCH_INDEX_KEY right?"
        return [broken("search", f"{no} {meanwhile}")]
    if not settings.database_url:
        return found
    database = Database(settings.database_url, Handlers())
    try:
        async with database.begin(INDEXER) as tx:
            return [*found, *await _indexes(tx, indexes), await _lag(tx)]
    except (OSError, SQLAlchemyError, ModuleNotFoundError):
        return found  # the check of the database says why it cannot be asked
    finally:
        await database.dispose()


def _version(said: str) -> Finding:
    if tuple(int(part) for part in said.split(".")[:2]) < OLDEST:
        needed = ".".join(map(str, OLDEST))
        return broken("search", f"Meilisearch {said} is too old: version {needed} is needed. PostgreSQL searches.")
    return ok("search", f"Meilisearch {said} answers.")


def _keys(settings: Settings) -> list[Finding]:
    """Each key may do what it is for, and nothing that would make whoever steals it a master."""
    uid = name(settings.meilisearch_prefix, Collection.NOTICES)
    found = []
    for setting, must, may_not in (
        ("meilisearch_search_key", Right.SEARCH, (Right.KEYS, Right.WRITE)),
        ("meilisearch_index_key", Right.WRITE, (Right.KEYS,)),
    ):
        has = rights(settings.meilisearch_url, getattr(settings, setting), uid)
        if must not in has:
            found.append(broken("search", f"{setting.upper()} may not {must}: make it with `procurement search-keys`."))
        elif too_many := [right for right in may_not if right in has]:
            text = f"{setting.upper()} may also {' and '.join(too_many)}: use the one of `procurement search-keys`."
            found.append(broken("search", text))
    return found or [ok("search", "its keys may do no more than they are for.")]


async def _indexes(tx: Tx, indexes: Mapping[Collection, Index | None]) -> list[Finding]:
    rows, found = await indexed.rows(tx), []
    waiting, _ = await indexed.lag(tx)
    for collection, index in indexes.items():
        row, many = rows.get(collection), await SOURCES[collection].count(tx)
        if index is None or row is None:
            found.append(broken("search", f"{collection}: there is no index yet. The worker makes it: is it started?"))
        elif row.settings != version(collection):
            found.append(advice("search", f"{collection}: made by another release; this one's worker makes it anew."))
        elif index.documents != many and not waiting:
            text = f"{collection}: {index.documents:,} documents, but {many:,} rows: run `procurement reindex`."
            found.append(broken("search", text))
        else:
            said = f"{index.documents:,} documents, {index.size / MB:.1f} MB, built {row.built_at:%Y-%m-%d %H:%M} UTC"
            found.append(ok("search", f"{collection}: {said}."))
    return found


async def _lag(tx: Tx) -> Finding:
    waiting, seconds = await indexed.lag(tx)
    if seconds > LATE:
        return broken("search", f"{waiting:,} changes wait, the first for {seconds:,.0f} s: is the worker started?")
    return ok("search", f"{waiting:,} changes wait, the first for {seconds:.0f} s." if waiting else "no change waits.")


CHECKS: dict[str, Check] = {"search": search}
