"""Search by Meilisearch: one request for a page with all its counts, rarely a second one."""

from collections.abc import Sequence

import msgspec

from procurement.infra.search import Count, Hits, Question
from procurement.infra.search.meili import Meili
from procurement.infra.tx import Tx
from procurement.publication.search.after import place
from procurement.publication.search.index_settings import name
from procurement.publication.search.meili.answers import Answer, Hit, choices, meant, stages
from procurement.publication.search.meili.asking import BEST, OPEN, OUTCOME, PAGE, Query, Search, searched
from procurement.publication.search.meili.limits import limits_of
from procurement.publication.search.postgres import spelling
from procurement.publication.search.postgres.matching import Match

TOTAL = "total "  # and a number: of another question, asked beside


class MeiliSearch:
    """Searches what was told to the engine so far. Raises Unanswered where no answer comes that can be used."""

    def __init__(self, engine: Meili) -> None:
        self.engine = engine

    async def search(self, tx: Tx, question: Question, others: Sequence[Question] = ()) -> tuple[Hits, list[int]]:
        """The hits of one page, and how many each of the `others` finds."""
        search = self._asking(tx, question)
        hits, totals = await self._hits(search, self._totals(tx, others))
        if hits.total or not search.words:
            return hits, totals
        async for words in spelling.instead(tx, question, Match.of(question.words)):
            found, _ = await self._hits(msgspec.structs.replace(search, words=searched(words)))
            if found.total:
                return msgspec.structs.replace(found, instead=found.meant or words, meant=""), totals
        return hits, totals

    async def totals(self, tx: Tx, questions: Sequence[Question]) -> list[int]:
        """How many each finds, in one request."""
        async with self.engine.patience():
            answers = await self.engine.ask(self._totals(tx, questions), Answer)
        return [answer.total for answer in answers]

    def _totals(self, tx: Tx, questions: Sequence[Question]) -> list[Query]:
        return [self._asking(tx, question).total() for question in questions]

    def _asking(self, tx: Tx, question: Question) -> Search:
        return Search(
            uid=name(self.engine.prefix, question.collection),
            question=question,
            words=searched(question.words),
            limits=limits_of(question, tx.now),
            now=tx.now,
            offset=place(question.after)[0],
        )

    async def _hits(self, search: Search, totals: Sequence[Query] = ()) -> tuple[Hits, list[int]]:
        """The database is not asked in here: its answers are not to be broken off."""
        beside = {f"{TOTAL}{number}": query for number, query in enumerate(totals)}
        async with self.engine.patience():
            answers = await self._ask(search.queries() | beside)
            rows, size = list(answers[PAGE].hits), search.question.size
            if search.by_deadline and len(rows) <= size:
                rows += await self._second_part(search, answers[PAGE], size + 1 - len(rows))
            return _read(search, answers, rows), [answers[name].total for name in beside]

    async def _second_part(self, search: Search, first: Answer, missing: int) -> tuple[Hit, ...]:
        """What is past comes behind all that closes."""
        answers = await self._ask({PAGE: search.second_part(first.total, missing)})
        return answers[PAGE].hits

    async def _ask(self, queries: dict[str, Query]) -> dict[str, Answer]:
        return dict(zip(queries, await self.engine.ask(list(queries.values()), Answer), strict=True))


def _read(search: Search, answers: dict[str, Answer], rows: list[Hit]) -> Hits:
    size = search.question.size
    shown, best = rows[:size], answers[BEST].hits if BEST in answers else rows
    return Hits(
        found=tuple(hit.id for hit in shown),
        total=answers[search.counted].total,
        instead="",
        facets={facet: _choices(search, facet, answers) for facet in search.facets},
        next=f"{search.offset + size}-{shown[-1].id}" if len(rows) > size else "",
        meant=meant(search.words, best),
        marks={hit.id: marks for hit in shown if (marks := hit.marks())},
    )


def _choices(search: Search, facet: str, answers: dict[str, Answer]) -> tuple[Count, ...]:
    """Counted with every other limit in force, whether the facet's own is or not."""
    field = search.facets[facet]
    counts = answers[facet if search.has_query(facet) else search.counted].facets.get(field, {})
    if field == OUTCOME:
        return stages(counts, sum(answers[OPEN].facets.get(field, {}).values()))
    return choices(facet, counts)
