"""What a page of results holds: rows, the other tabs, and where nothing was found what to take away."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from procurement.infra.search import COUNTED, Collection, Hits
from procurement.infra.tx import Tx
from procurement.publication.asked import Asked
from procurement.publication.pages.categories import Tree, tree
from procurement.publication.pages.marks import Marks
from procurement.publication.pages.rows import award_row, organisation_row, row
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.service import finding
from procurement.publication.service.finding import Item

EMPTY = Hits((), 0, "", {})
MOST_ROWS = 10_000  # of one CSV
INPUT = {"form": "search"}  # what a filter's field belongs to, wherever it stands on the page


class Tab(msgspec.Struct, frozen=True):
    """A collection with the same question put to it. `total` is None where the question cannot be read."""

    asked: Asked
    total: int | None


class Wider(msgspec.Struct, frozen=True):
    """The same question without one of its limits, and how much it finds."""

    part: str
    asked: Asked
    total: int


async def found(tx: Tx, asked: Asked, zone: tzinfo) -> dict[str, Any]:
    """The context of publication/search.html. Refused("form-invalid") with the field that cannot be read."""
    hits, items = await finding.find(tx, asked.question(tx.now, zone=zone))
    return page_of(asked, hits, drawn(asked, hits, items, tx.now)) | {
        "tabs": await _tabs(tx, asked, zone, hits.total),
        "wider": [] if hits.found or asked.after else await _wider(tx, asked, zone),
        "tree": Tree() if asked.find is Collection.ORGANISATIONS else await tree(tx, asked, zone, hits.total),
        "named": await finding.names(tx, {asked.buyer, asked.supplier} - {""}),
    }


def page_of(asked: Asked, hits: Hits = EMPTY, rows: list[Any] | None = None) -> dict[str, Any]:
    """A page without rows, as it is shown when something in the question cannot be read."""
    tabs = [Tab(asked.within(find), None) for find in Collection]
    context: dict[str, Any] = {"asked": asked, "hits": hits, "rows": rows or [], "tabs": tabs, "wider": []}
    return context | {"tree": Tree(), "named": {}, "counted": COUNTED, "most_rows": MOST_ROWS, "ours": INPUT}


def drawn(asked: Asked, hits: Hits, items: Iterable[Item], now: datetime) -> list[Any]:
    """The items as rows, with the words marked for which they were found."""
    words = hits.instead or asked.q
    return [_drawn(item, now, Marks(words, hits.marks.get(item.id, ()))) for item in items]


def _drawn(item: Item, now: datetime, marks: Marks) -> Any:
    if isinstance(item, Notice):
        return row(item, now, marks)
    return award_row(item, marks) if isinstance(item, AwardLine) else organisation_row(item, marks)


async def _tabs(tx: Tx, asked: Asked, zone: tzinfo, here: int) -> list[Tab]:
    tabs = []
    for find in Collection:
        other = asked.within(find)
        tabs.append(Tab(other, here if find is asked.find else await _total(tx, other, zone)))
    return tabs


async def _wider(tx: Tx, asked: Asked, zone: tzinfo) -> list[Wider]:
    """Only what would find something: each limit is taken away by itself, what finds most comes last."""
    tried = [(part, asked.without(part)) for part in asked.parts()]
    found = [Wider(part, one, await _total(tx, one, zone)) for part, one in tried]
    return sorted((one for one in found if one.total), key=lambda one: one.total)


async def _total(tx: Tx, asked: Asked, zone: tzinfo) -> int:
    return await finding.total(tx, asked.question(tx.now, zone=zone))
