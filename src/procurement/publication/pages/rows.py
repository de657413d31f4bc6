"""Notices, awards and organisations in a list, ready to be drawn."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from markupsafe import Markup

from procurement.infra.ledger.service import Entry
from procurement.kernel.entry import gives
from procurement.publication.pages.marks import Marks
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.rules.organisation_line import OrganisationLine

STAGES = {
    "planned": "plan", "open": "sealed", "closed": "evaluation", "awarded": "award", "cancelled": "sealed",
    "unsuccessful": "award",
}  # fmt: skip
HURRY = 3 * 86_400  # seconds left under which a deadline is drawn as urgent
NONE = Marks("")


class Row(msgspec.Struct, frozen=True):
    """`left`: seconds until the deadline of an open one; `stage` of the life line. `excerpt`: where the words stand in
    its description, when its title has none of them."""

    notice: Notice
    title: Markup
    status: str
    stage: str
    left: float
    buyer: Markup = Markup("")
    excerpt: Markup = Markup("")

    @property
    def hurry(self) -> bool:
        return self.status == "open" and self.left < HURRY


def row(notice: Notice, now: datetime, marks: Marks = NONE) -> Row:
    status, title, buyer = notice.status(now), marks.on(notice.title), marks.on(notice.buyer)
    left = (notice.deadline - now).total_seconds() if notice.deadline else 0.0
    excerpt = Markup("") if "<mark>" in title + buyer else marks.excerpt(notice.summary)
    return Row(notice, title, status, STAGES.get(status, "evaluation"), left, buyer, excerpt)


class AwardOfList(msgspec.Struct, frozen=True):
    """An award with its words marked; `suppliers` are (id, name)."""

    line: AwardLine
    title: Markup
    buyer: Markup
    suppliers: tuple[tuple[str, Markup], ...]


def award_row(line: AwardLine, marks: Marks = NONE) -> AwardOfList:
    named = zip(line.supplier_ids, map(marks.on, line.suppliers), strict=True)
    return AwardOfList(line, marks.on(line.title), marks.on(line.buyer), tuple(named))


class OrganisationOfList(msgspec.Struct, frozen=True):
    line: OrganisationLine
    name: Markup


def organisation_row(line: OrganisationLine, marks: Marks = NONE) -> OrganisationOfList:
    return OrganisationOfList(line, marks.on(line.name))


class Told(msgspec.Struct, frozen=True):
    """What a readable record says of itself."""

    type: str
    at: datetime
    process: str = ""


class Said(msgspec.Struct, frozen=True):
    """An entry of the log; `said` is None while nobody may read it. `altered`: what is shown is not what was sealed."""

    entry: Entry
    said: Told | None
    altered: bool


def readable(entries: Iterable[Entry]) -> list[Said]:
    return [_said(one) for one in entries]


def _said(one: Entry) -> Said:
    if not one.record:
        return Said(one, None, altered=False)
    true = gives(bytes.fromhex(one.salt), one.record.encode(), bytes.fromhex(one.entry))
    return Said(one, msgspec.json.decode(one.record, type=Told), altered=not true)
