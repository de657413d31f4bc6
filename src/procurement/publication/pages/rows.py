"""A notice in a list, ready to be drawn."""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec
from markupsafe import Markup, escape

from procurement.infra.ledger.service import Entry
from procurement.infra.search import plain, stem, terms
from procurement.kernel.entry import entry_hash
from procurement.kernel.fact import in_words
from procurement.publication.rules.notice import Notice

STAGES = {
    "planned": "plan", "open": "sealed", "closed": "evaluation", "awarded": "award", "cancelled": "sealed",
    "unsuccessful": "award",
}  # fmt: skip
HURRY = 3 * 86_400  # seconds left under which a deadline is drawn as urgent


class Row(msgspec.Struct, frozen=True):
    """`left`: seconds until the deadline of an open one; `stage` of the life line."""

    notice: Notice
    title: Markup
    status: str
    stage: str
    left: float

    @property
    def hurry(self) -> bool:
        return self.status == "open" and self.left < HURRY


def row(notice: Notice, now: datetime, words: str = "") -> Row:
    status = notice.status(now)
    left = (notice.deadline - now).total_seconds() if notice.deadline else 0.0
    return Row(notice, marked(notice.title, words), status, STAGES.get(status, "evaluation"), left)


def marked(text: str, words: str) -> Markup:
    """The text with the words that were searched for in it marked."""
    wanted = tuple(stem(term) for term in terms(words))
    if not wanted:
        return escape(text)
    parts = re.split(r"(\w+)", text)  # every other part is a word
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if place % 2 and plain(part).startswith(wanted) else escape(part)
        for place, part in enumerate(parts)
    )


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

    @property
    def words(self) -> str:
        """The type of the fact as people write it: “Tender published”."""
        return in_words(self.said.type) if self.said else ""


def readable(entries: Iterable[Entry]) -> list[Said]:
    return [_said(one) for one in entries]


def _said(one: Entry) -> Said:
    if not one.record:
        return Said(one, None, altered=False)
    sealed = entry_hash(bytes.fromhex(one.salt), one.record.encode()).hex()
    return Said(one, msgspec.json.decode(one.record, type=Told), altered=sealed != one.entry)
