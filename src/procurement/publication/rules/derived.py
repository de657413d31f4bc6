"""Everything that is searched of one procurement, from its compiled release."""

from datetime import datetime
from typing import Any

import msgspec

from procurement.publication.rules.award_line import AwardLine, awards_of
from procurement.publication.rules.notice import Notice, notice_of
from procurement.publication.rules.organisation_line import Named, named_in


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
