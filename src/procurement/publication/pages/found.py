"""What a page of results holds: rows, the other tabs, and where nothing was found what to take away."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from procurement.infra.search import BESIDE, COUNTED, Collection, Hits
from procurement.infra.tx import Tx
from procurement.publication.asked import Asked
from procurement.publication.pages import categories
from procurement.publication.pages.categories import Tree
from procurement.publication.pages.marks import Marks
from procurement.publication.pages.rows import award_row, organisation_row, row
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.service import finding
from procurement.publication.service.finding import Item

EMPTY = Hits((), 0, "", {})
MOST_ROWS = 10_000  # of one CSV
SIDES = ("buyer", "supplier")
INPUT = {"form": "search"}  # what a filter's field belongs to, wherever it stands on the page


class Tab(msgspec.Struct, frozen=True):
    """A collection with the same question put to it. `total` is None where the question cannot be read."""

    asked: Asked
    total: int | None


class Wider(msgspec.Struct, frozen=True):
    """The same question without one of its limits, and how much it finds: more than nothing."""

    part: str
    asked: Asked
    total: int


async def found(tx: Tx, asked: Asked, zone: tzinfo) -> dict[str, Any]:
    """The context of publication/search.html. Refused("form-invalid") with the field that cannot be read."""
    question = asked.question(tx.now, zone=zone)
    others = [asked.within(find) for find in Collection if find is not asked.find]
    codes = await categories.meant(tx, asked)
    beside = [*others, *(categories.within(asked, one.code) for one in codes)]
    hits, items, numbers = await finding.find_beside(tx, question, [one.question(tx.now, zone=zone) for one in beside])
    if hits.instead:  # whoever turns to another tab is shown the same words there
        respelled = [msgspec.structs.replace(one, q=hits.instead).question(tx.now, zone=zone) for one in others]
        numbers = [*await finding.totals(tx, respelled), *numbers[len(others) :]]
    tabs = dict(zip((one.find for one in others), numbers, strict=False)) | {asked.find: hits.total}
    context = page_of(asked, hits, drawn(asked, hits, items, tx.now)) | {
        "tabs": [Tab(asked.within(find), tabs[find]) for find in Collection],
        "wider": await _wider(tx, asked, zone) if not (hits.found or asked.after) else [],
        "lasting": asked.lasting(tx.now, zone),
        "named": await finding.names(tx, {asked.buyer, asked.supplier, *_sides(hits)} - {""}),
    }
    if asked.find is not Collection.ORGANISATIONS:
        alike = await categories.alike(tx, asked, zone, codes, numbers[len(others) :])
        context["tree"] = await categories.tree(tx, asked, hits, alike)
    return context


async def _wider(tx: Tx, asked: Asked, zone: tzinfo) -> list[Wider]:
    """What would find something, the narrowest first."""
    parts = asked.parts()
    without = [asked.without(part) for part in parts]
    numbers = await finding.totals(tx, [one.question(tx.now, zone=zone) for one in without])
    every = (Wider(*one) for one in zip(parts, without, numbers, strict=True))
    return sorted((one for one in every if one.total), key=lambda one: one.total)


def _sides(hits: Hits) -> Iterable[str]:
    """The buyers and suppliers that are offered as a choice."""
    return (one.value for side in SIDES for one in hits.facets.get(side, ()))


def page_of(asked: Asked, hits: Hits = EMPTY, rows: list[Any] | None = None) -> dict[str, Any]:
    """A page without rows, as it is shown when something in the question cannot be read."""
    tabs = [Tab(asked.within(find), None) for find in Collection]
    context: dict[str, Any] = {"asked": asked, "hits": hits, "rows": rows or [], "tabs": tabs, "wider": []}
    return context | {
        "lasting": asked,
        "tree": Tree(),
        "named": {},
        "counted": COUNTED,
        "beside": BESIDE,
        "most_rows": MOST_ROWS,
        "ours": INPUT,
    }


def drawn(asked: Asked, hits: Hits, items: Iterable[Item], now: datetime) -> list[Any]:
    """The items as rows, with the words marked for which they were found."""
    words = hits.instead or asked.q
    return [_drawn(item, now, Marks(words, hits.marks.get(item.id, ()))) for item in items]


def _drawn(item: Item, now: datetime, marks: Marks) -> Any:
    if isinstance(item, Notice):
        return row(item, now, marks)
    return award_row(item, marks) if isinstance(item, AwardLine) else organisation_row(item, marks)
