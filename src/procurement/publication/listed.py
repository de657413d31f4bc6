"""Notices, awards and organisations as programs read them in lists: one shape for the API and for CSV."""

from datetime import datetime
from typing import Any, get_args

import msgspec

from procurement.kernel.money import Money
from procurement.publication.rules.award_line import AwardLine
from procurement.publication.rules.notice import Notice
from procurement.publication.rules.organisation_line import OrganisationLine
from procurement.publication.service.finding import Item


class ListedNotice(msgspec.Struct, frozen=True):
    """A procurement as lists show it. `source` is "" for those published here; amounts are minor units."""

    id: str
    ocid: str
    source: str
    title: str
    buyer: str
    buyer_id: str
    kind: str
    status: str
    value: Money | None
    published_at: datetime
    deadline: datetime | None
    awarded_at: datetime | None
    award: Money | None
    suppliers: tuple[str, ...]
    bids: int | None
    address: str


class ListedAward(msgspec.Struct, frozen=True):
    """An award with its contract. `estimate` is the buyer's for the same, where it can be compared; `status` is
    "pending" until the award stands. `notice_id` is the procurement it belongs to; `contract_address` "" without one
    here."""

    id: str
    notice_id: str
    ocid: str
    source: str
    title: str
    buyer: str
    buyer_id: str
    suppliers: tuple[str, ...]
    supplier_ids: tuple[str, ...]
    kind: str
    value: Money | None
    estimate: Money | None
    bids: int | None
    status: str
    awarded_at: datetime
    signed_at: datetime | None
    address: str
    contract_address: str


class ListedOrganisation(msgspec.Struct, frozen=True):
    """A buyer, or a supplier with an award. `bought` counts procurements, `won` awards; `seen_at` is the latest."""

    id: str
    source: str
    name: str
    roles: tuple[str, ...]
    place: str
    bought: int
    won: int
    seen_at: datetime
    address: str


Listed = ListedNotice | ListedAward | ListedOrganisation


def notice_of(item: Notice, now: datetime, base_url: str) -> ListedNotice:
    said = {"status": item.status(now), "address": base_url + item.path}
    return ListedNotice(**_shared(ListedNotice, item, said))


def award_of(item: AwardLine, base_url: str) -> ListedAward:
    contract = base_url + item.contract_path if item.contract_path else ""
    said = {"address": base_url + item.path, "contract_address": contract}
    return ListedAward(**_shared(ListedAward, item, said))


def organisation_of(item: OrganisationLine, base_url: str) -> ListedOrganisation:
    return ListedOrganisation(**_shared(ListedOrganisation, item, {"address": base_url + item.path}))


def listed(item: Item, now: datetime, base_url: str) -> Listed:
    if isinstance(item, Notice):
        return notice_of(item, now, base_url)
    return award_of(item, base_url) if isinstance(item, AwardLine) else organisation_of(item, base_url)


def columns(of: type[Listed]) -> list[str]:
    """The columns of a CSV: the fields by name, and beside each amount, in whole units, its currency."""
    names: list[str] = []
    for field in msgspec.structs.fields(of):
        names += [field.name, f"{field.name}_currency"] if Money in get_args(field.type) else [field.name]
    return names


def cells(one: Listed) -> list[str]:
    """Its row under `columns`. What is unknown is empty; several suppliers or roles stand with “; ” between them."""
    row: list[str] = []
    for field in msgspec.structs.fields(type(one)):
        value = getattr(one, field.name)
        if Money in get_args(field.type):
            row += [f"{value.decimal():f}", value.currency] if value else ["", ""]
        else:
            row.append(_cell(value))
    return row


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _shared(type_: type[Listed], item: Item, said: dict[str, str]) -> dict[str, Any]:
    """The fields of a list's shape: those that the item has, and what is said beside it."""
    return {name: getattr(item, name) for name in type_.__struct_fields__ if name not in said} | said
