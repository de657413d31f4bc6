"""Rows as they are searched: what each says, and the vector of its words by how much they tell."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Text, bindparam, func, text
from sqlalchemy.dialects.postgresql import Insert, insert

from procurement.infra.tx import Tx
from procurement.kernel.words import plain
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.search.labels import Labels, book
from procurement.publication.search.postgres.collected import Row
from procurement.publication.search.postgres.matching import SIMPLE
from procurement.publication.tables import AwardRow, NoticeRow

LONGEST_WORDS, LONGEST_TEXT = 2_000, 100_000  # letters of an item that are searched
PARTS = {"v_words": "A", "v_labels": "B", "v_told": "C", "v_broader": "D"}
"""What the vector is made of, each part with its weight."""


def vector(parts: dict[str, str]) -> ColumnElement[Any]:
    """The words of some bound texts, which are plain, in one tsvector."""
    weighted: list[ColumnElement[Any]] = [
        func.setweight(func.to_tsvector(SIMPLE, bindparam(name, type_=Text)), text(f"'{weight}'"))
        for name, weight in parts.items()
    ]
    return reduce(lambda whole, one: whole.op("||")(one), weighted[1:], weighted[0])


def _put(table: Row) -> Insert:
    new = insert(table).values(tsv=vector(PARTS))
    columns = {column.name: new.excluded[column.name] for column in table.__table__.c if column.name != "id"}
    return new.on_conflict_do_update(index_elements=["id"], set_=columns)


PUT_NOTICE, PUT_AWARD = _put(NoticeRow), _put(AwardRow)


async def put_notices(tx: Tx, notices: Sequence[Notice]) -> None:
    """Write them, or write them anew."""
    if notices:
        labels = await book(tx, _codes(notices))
        await tx.session.execute(PUT_NOTICE, [_notice(one, labels.of(one.codes)) for one in notices])


async def put_awards(tx: Tx, awards: Sequence[AwardLine]) -> None:
    if awards:
        labels = await book(tx, _codes(awards))
        await tx.session.execute(PUT_AWARD, [_award(one, labels.of(one.codes)) for one in awards])


def _codes(items: Iterable[Notice | AwardLine]) -> set[str]:
    return {code for item in items for code in item.codes}


def _notice(notice: Notice, labels: Labels) -> dict[str, Any]:
    same = ("id", "source", "ocid", "title", "summary", "kind", "buyer_id", "buyer", "outcome", "published_at",
            "deadline", "awarded_at", "bids")  # fmt: skip
    return {
        **{name: getattr(notice, name) for name in same},
        **_shared(notice, labels),
        "award_amount": notice.award.amount if notice.award else None,
        "award_currency": notice.award.currency if notice.award else None,
    }


def _award(award: AwardLine, labels: Labels) -> dict[str, Any]:
    apart = ("value", "text", "codes", "estimate")
    same = {name: value for name, value in msgspec.structs.asdict(award).items() if name not in apart}
    return {**same, **_shared(award, labels), "estimate": award.estimate.amount if award.estimate else None}


def _shared(item: Notice | AwardLine, labels: Labels) -> dict[str, Any]:
    named = " ".join((item.title, item.buyer, *item.suppliers, item.ocid, item.id))
    words, told = plain(named)[:LONGEST_WORDS], item.text[:LONGEST_TEXT]
    return {
        "supplier_ids": list(item.supplier_ids),
        "suppliers": list(item.suppliers),
        "categories": list(item.categories),
        "amount": item.value.amount if item.value else None,
        "currency": item.value.currency if item.value else None,
        "words": words,
        "told": told,
        "labels": labels.own,
        "broader": labels.broader,
        "v_words": words,
        "v_labels": plain(labels.own),
        "v_told": plain(told),
        "v_broader": plain(labels.broader),
    }
