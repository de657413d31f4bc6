"""The queries of one search, by name; they go in one request.

The choices of a facet that limits are counted as if it did not, so each such facet needs a query of its own. What is
open is not written in any document, for it changes by itself: it is counted by the deadline.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from procurement.infra.search import Collection, Question
from procurement.infra.search.filters import above, every, neither
from procurement.publication.rules.vocabulary import meanings
from procurement.publication.search.documents import micros
from procurement.publication.search.index_settings import FIELDS
from procurement.publication.search.meili.limits import Limits, is_open

OUTCOME = "outcome"  # a notice's, of which its status follows with the time
PURCHASE = {"kind": "kind", "source": "source", "value": "valued", "year": "year", "category": "categories"}
SIDES = {"buyer": "buyer_id", "supplier": "supplier_ids"}
BY_ALL = ("category", *SIDES)  # counted with every limit in force, their own as well
FACETS = {
    Collection.NOTICES: {"status": OUTCOME, **PURCHASE, "buyer": SIDES["buyer"]},
    Collection.AWARDS: {"status": "status", **PURCHASE, **SIDES},
    Collection.ORGANISATIONS: {"role": "roles", "source": "source"},
}
"""The field whose values a facet counts."""

AWARDED = "awarded:desc"
ORDERS = {
    (Collection.NOTICES, "value"): "amount:desc",
    (Collection.NOTICES, "closes"): "deadline:asc",
    (Collection.NOTICES, "awarded"): AWARDED,
    (Collection.AWARDS, "value"): "amount:desc",
    (Collection.ORGANISATIONS, "value"): "deals:desc",
    (Collection.ORGANISATIONS, "name"): "title:asc",
}
"""What comes first; in every other order the newest."""

PAGE, ALL, OPEN, BEST = "page", "all", "open", "best"
BEST_ONES = 5  # among which the spelling is looked up that was meant

Query = dict[str, Any]


class Search(msgspec.Struct, frozen=True):
    """One question as it is put to one index. `words` are those that are searched, `offset` rows come before."""

    uid: str
    question: Question
    words: tuple[str, ...]
    limits: Limits
    now: datetime
    offset: int

    @property
    def by_deadline(self) -> bool:
        """Whether what closes first comes first, and behind it, in another query, what is past."""
        notices = self.question.collection is Collection.NOTICES
        return notices and self.question.sort == "closes" and self.question.statuses != ("open",)

    @property
    def facets(self) -> dict[str, str]:
        """What is counted. Where a buyer or supplier is chosen nobody counts the others."""
        every = FACETS[self.question.collection].items()
        return {name: field for name, field in every if name not in SIDES or name not in self.limits}

    @property
    def counted(self) -> str:
        """The query that finds everything the question asks for, and counts it."""
        return ALL if self.by_deadline else PAGE

    def has_query(self, facet: str) -> bool:
        """Whether the choices of a facet are counted apart, as if it did not limit."""
        return facet in self.limits and facet not in BY_ALL

    def queries(self) -> dict[str, Query]:
        """All that is asked at once."""
        asked = {PAGE: self.first_part() if self.by_deadline else self._page(), **self._for_facets()}
        asked[self.counted]["facets"] = [field for name, field in self.facets.items() if not self.has_query(name)]
        if self.words and self.question.sort != "best":
            asked[BEST] = self._query(self.limits.values(), limit=BEST_ONES, **self._told())
        return asked

    def total(self) -> Query:
        """What tells how many there are, and nothing else."""
        return self._query(self.limits.values())

    def first_part(self) -> Query:
        """What has its deadline before it."""
        coming = above("deadline", micros(self.now))
        return self._page([*self.limits.values(), coming], sort=["deadline:asc", "id:asc"])

    def second_part(self, first: int, missing: int) -> Query:
        """The other ones: `first` came before them in all, `missing` rows of the page are left to fill."""
        past = neither(above("deadline", micros(self.now)))
        offset = max(0, self.offset - first)
        limits = [*self.limits.values(), past]
        return self._page(limits, sort=["id:asc"], offset=offset, limit=missing)

    def _page(self, limits: Iterable[str] | None = None, **said: Any) -> Query:
        """One row more than is shown tells whether there is a next page."""
        wanted = self.limits.values() if limits is None else limits
        given = {"offset": self.offset, "limit": self.question.size + 1, "sort": self._order(), **self._told()}
        return self._query(wanted, **(given | said))

    def _told(self) -> Query:
        """What of its hits is needed to mark words, and to guess what was meant."""
        if not self.words:
            return {"attributesToRetrieve": ["id"]}
        shown = list(FIELDS[self.question.collection].shown)
        return {"attributesToRetrieve": shown, "showMatchesPosition": True, "showRankingScoreDetails": True}

    def _for_facets(self) -> dict[str, Query]:
        """A query for each facet that limits; and what is open, for the stages."""
        asked = {}
        for name, field in self.facets.items():
            others = [condition for other, condition in self.limits.items() if other != name]
            if self.has_query(name):
                asked[name] = self._query(others, facets=[field])
            if field == OUTCOME:
                asked[OPEN] = self._query([*others, is_open(self.now)], facets=[field])
        if self.by_deadline:
            asked[ALL] = self.total()
        return asked

    def _query(self, limits: Iterable[str], **said: Any) -> Query:
        everything = {
            "indexUid": self.uid,
            "q": " ".join(self.words),
            "matchingStrategy": "all",
            "filter": every(*limits),
            "limit": 0,
            **said,
        }
        return {name: value for name, value in everything.items() if value not in ("", [])}

    def _order(self) -> list[str]:
        """What is asked to come first, then the id, as in PostgreSQL. Nothing where words decide."""
        if self.question.sort == "best" and self.words:
            return []
        first = ORDERS.get((self.question.collection, self.question.sort))
        if first == AWARDED and self.question.statuses != ("awarded",):
            first = None
        first = first or f"{FIELDS[self.question.collection].recency}:desc"
        return [first, "id:asc" if first.endswith("asc") else "id:desc"]


def searched(words: str) -> tuple[str, ...]:
    """The words of a question that the engine looks for."""
    return tuple(word for part in meanings(words) for word in part[0] if any(map(str.isalnum, word)))
