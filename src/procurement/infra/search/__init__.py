"""The port to whatever answers searches: PostgreSQL here, Meilisearch or another engine behind the same interface.

Words are compared without case, accents or punctuation, in every language alike (`kernel.words`), so that an engine
finds the same things whichever it is.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from procurement.infra.tx import Tx

COUNTED = 10_000  # beyond it a count says “more than”, so that no question costs more than it is worth
BESIDE = 1_000  # the same of what is not shown: what another tab, or the same question without a part of it, would find
LARGEST = 10  # buyers, or suppliers, that are offered as a choice
TOLD = 200  # choices of any facet at most

D = TypeVar("D")


class Collection(StrEnum):
    """What is searched: procurements, single awards with their contracts, or buyers and suppliers."""

    NOTICES = "notices"
    AWARDS = "awards"
    ORGANISATIONS = "organisations"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody searches for. Empty means no limit.

    `least` and `most` are minor units; items without a value stay in unless `unvalued` is false. `closes_before`
    keeps only open items. `since` and `until` bound, from and up to but without it, when a notice was published or an
    award made. `roles` are "buyer" and "supplier", of organisations. `after` is the `next` of the page before. Where
    it is not `counted` nobody looks at totals and facets, and an engine may leave them out.
    """

    collection: Collection = Collection.NOTICES
    words: str = ""
    roles: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    buyer: str = ""
    supplier: str = ""
    category: str = ""
    least: int | None = None
    most: int | None = None
    unvalued: bool = True
    closes_before: datetime | None = None
    sort: str = ""
    after: str = ""
    size: int = 20
    counted: bool = True


class Count(msgspec.Struct, frozen=True):
    """How many items a choice would show; `value` is the choice."""

    value: str
    count: int


class Hits(msgspec.Struct, frozen=True):
    """One page. `total` is exact up to COUNTED, and so are the counts of a facet whose sum does not pass it. Of the
    facets "buyer" and "supplier" only the LARGEST are told, and nothing where one of them is chosen; "category" is
    there where the engine counts categories at no cost, the most frequent beginnings of codes.

    `instead` are the words that were searched because nothing matched those asked for; "" otherwise. `meant` are words
    like those asked for that occur more often, to be offered: "did you mean". `marks` are by id the words of an item
    that matched, as they are written there, where the engine knows them. `reserve`: another engine should have
    answered and could not. `next` is the `after` of the next page, "" at the end; every engine reads any engine's.
    """

    found: tuple[str, ...]
    total: int
    instead: str
    facets: dict[str, tuple[Count, ...]]
    next: str = ""
    meant: str = ""
    marks: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    reserve: bool = False


class SearchEngine(Protocol[D]):
    """Ids come back; whoever asked loads what it shows."""

    async def search(self, tx: Tx, question: Question) -> Hits: ...

    async def index(self, tx: Tx, documents: list[D]) -> None:
        """Put documents in, or anew. In the caller's transaction where the engine has one."""

    async def remove(self, tx: Tx, ids: list[str]) -> None: ...
