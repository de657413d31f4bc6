"""The engine: a search, and what is searched instead where nothing matches."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import delete

from procurement.infra.freshness import PUBLISHED, changed
from procurement.infra.search import Collection, Hits, Question
from procurement.infra.tx import Tx
from procurement.publication.rules.notice import Notice
from procurement.publication.search import waiting
from procurement.publication.search.postgres import order, plans, rows, spelling
from procurement.publication.search.postgres.facets import count
from procurement.publication.search.postgres.limits import filters
from procurement.publication.search.postgres.matching import Match
from procurement.publication.tables import NoticeRow

FEW = 20  # hits, above which nobody is asked whether another word was meant


class PostgresSearch:
    """What is derived from the releases answers itself; there is no second copy to fall behind."""

    async def search(self, tx: Tx, question: Question) -> Hits:
        if not question.counted and (bare := await self._bare(tx, question)).found:
            return bare
        hits = await self._search(tx, question)
        match = Match.of(question.words)
        if not match.parts:
            return hits
        if hits.total:
            meant = await spelling.meant(tx, question, match) if hits.total <= FEW else ""
            return msgspec.structs.replace(hits, meant=meant)
        async for words in spelling.instead(tx, question, match):
            found = await self._search(tx, msgspec.structs.replace(question, words=words))
            if found.total:
                return msgspec.structs.replace(found, instead=words)
        return hits

    async def _search(self, tx: Tx, question: Question) -> Hits:
        limits = filters(question, tx.now)
        await plans.plan(tx, by_words="words" in limits)
        counted = await count(tx, question, limits)
        found, following = await order.page(tx, question, limits, counted.best)
        return Hits(tuple(found), counted.total, "", counted.facets, following)

    async def _bare(self, tx: Tx, question: Question) -> Hits:
        """A page without its counts, which cost more than its rows."""
        limits = filters(question, tx.now)
        await plans.plan(tx, by_words="words" in limits)
        found, following = await order.page(tx, question, limits, None)
        return Hits(tuple(found), 0, "", {}, following)

    async def page(self, tx: Tx, question: Question) -> list[str]:
        """Only the ids of a page and of one row more, where nothing is counted."""
        return await order.ids_after(tx, question, filters(question, tx.now))

    async def index(self, tx: Tx, documents: list[Notice]) -> None:
        if documents:
            await rows.put_notices(tx, documents)
            await waiting.mark(tx, Collection.NOTICES, (notice.id for notice in documents))
            await changed(tx, PUBLISHED)

    async def remove(self, tx: Tx, ids: Iterable[str]) -> None:
        gone = list(ids)
        await tx.session.execute(delete(NoticeRow).where(NoticeRow.id.in_(gone)))
        await waiting.mark(tx, Collection.NOTICES, gone)
