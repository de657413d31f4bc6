"""Everything that is searched of one procurement, from its compiled release."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from procurement.publication.rules.award_line import AwardLine, awards_of
from procurement.publication.rules.notice import Notice, notice_of
from procurement.publication.rules.organisation_line import Named, named_in

Item = TypeVar("Item", Notice, AwardLine)
Names = Mapping[str, tuple[str, ...]]


class Derived(msgspec.Struct, frozen=True):
    """Its notice, its awards in force, and who buys and who won in it."""

    notice: Notice
    awards: tuple[AwardLine, ...]
    organisations: tuple[Named, ...]


def derived(compiled: dict[str, Any], *, id: str, source: str, published_at: datetime) -> Derived:
    """`id` is that of the notice, `source` "" for ours, `published_at` the date of the first release."""
    notice = notice_of(compiled, id=id, source=source, published_at=published_at)
    awards = awards_of(compiled, notice)
    return Derived(notice, awards, named_in(compiled, notice, awards))


def called(found: Derived, names: Names) -> Derived:
    """The same, with organisations under other names than its releases give them: `names` has by id the one of today,
    and those under which they are searched as well. What the releases say is still searched, too."""
    return Derived(
        _called(found.notice, names),
        tuple(_called(award, names) for award in found.awards),
        tuple(msgspec.structs.replace(one, name=names.get(one.id, (one.name,))[0]) for one in found.organisations),
    )


def _called(item: Item, names: Names) -> Item:
    ids, said = (item.buyer_id, *item.supplier_ids), (item.buyer, *item.suppliers)
    known = [names.get(id_, (name,)) for id_, name in zip(ids, said, strict=True)]
    buyer, *suppliers = (one[0] for one in known)
    others: list[str] = [name for name, one in zip(said, known, strict=True) if name != one[0]]
    others += [name for one in known for name in one[1:]]
    text = "\n".join(filter(None, (item.text, *dict.fromkeys(others))))
    return msgspec.structs.replace(item, buyer=buyer, suppliers=tuple(suppliers), text=text)
