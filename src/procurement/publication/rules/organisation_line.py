"""An organisation as the public record names it: who buys, and who won. Bidders who lost are not listed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice, one_line, reference

Json = dict[str, Any]


class OrganisationLine(msgspec.Struct, frozen=True, kw_only=True):
    """`roles` are "buyer" and "supplier"; `place` its town and region, as far as they are public. `bought` counts
    procurements, `won` awards. `seen_at` is the latest publication or award with it."""

    id: str
    source: str
    name: str
    roles: tuple[str, ...]
    place: str
    bought: int
    won: int
    seen_at: datetime

    @property
    def path(self) -> str:
        """Its page: what it buys, where it buys at all, else what it has won."""
        return f"/buyers/{self.id}" if "buyer" in self.roles else f"/suppliers/{self.id}"


class Named(msgspec.Struct, frozen=True):
    """An organisation as one procurement names it."""

    id: str
    source: str
    name: str
    place: str


def named_in(compiled: Json, notice: Notice, awards: Iterable[AwardLine]) -> tuple[Named, ...]:
    """The buyer and whoever has an award. Of others' addresses no more than town and region: many work at home."""
    parties = {reference(party, notice.source): party for party in compiled.get("parties") or ()}
    names = {notice.buyer_id: notice.buyer}
    for award in awards:
        names |= dict(zip(award.supplier_ids, award.suppliers, strict=True))
    return tuple(
        Named(id_, notice.source, name or one_line(parties.get(id_, {}).get("name")) or id_, _place(parties.get(id_)))
        for id_, name in names.items()
        if id_
    )


def _place(party: Json | None) -> str:
    address = (party or {}).get("address") or {}
    named = (one_line(address.get(part)) for part in ("locality", "region", "countryName"))
    return ", ".join(dict.fromkeys(filter(None, named)))
