"""One award in a row of a list, with its contract: read from the compiled OCDS release as its notice is."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from procurement.kernel.money import Money
from procurement.publication.rules.notice import (
    LONGEST_TITLE,
    Notice,
    categories_of,
    codes_of,
    in_force,
    key,
    moment,
    money,
    one_line,
    reference,
)

Json = dict[str, Any]


class AwardLine(msgspec.Struct, frozen=True, kw_only=True):
    """An award in force: `status` is "pending" (its standstill may run) or "active". `source` is "" for ours.

    `value` is the award's, else its contract's. `estimate` is the buyer's for the same lots, or for the whole tender
    where it was awarded at once; None where currencies differ, or it is nothing. `signed_at` and `contract_id` are
    None and "" until a contract is signed. `text` is what else can be searched; `codes` are as a notice's.
    """

    id: str
    notice_id: str
    source: str
    ocid: str
    title: str
    kind: str
    buyer_id: str
    buyer: str
    supplier_ids: tuple[str, ...]
    suppliers: tuple[str, ...]
    categories: tuple[str, ...]
    value: Money | None
    estimate: Money | None
    status: str
    awarded_at: datetime
    signed_at: datetime | None
    contract_id: str
    bids: int | None
    text: str
    codes: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Its page: the award of ours with its reasons, or the notice of another publisher."""
        return f"/notices/{self.notice_id}" if self.source else f"/tenders/{self.notice_id}/award"

    @property
    def contract_path(self) -> str:
        """The page of its contract; "" where there is none here."""
        return f"/contracts/{self.contract_id}" if self.contract_id and not self.source else ""

    @property
    def against_estimate(self) -> Decimal | None:
        """The price over the buyer's estimate, as a share: -0.08 is eight per cent under it."""
        if self.value is None or self.estimate is None:
            return None
        return Decimal(self.value.amount - self.estimate.amount) / self.estimate.amount


def awards_of(compiled: Json, notice: Notice) -> tuple[AwardLine, ...]:
    """Every award in force of a procurement that stands as awarded; a contract without an award stands for one."""
    if notice.outcome != "awarded":
        return ()
    awards, contracts = in_force(compiled.get("awards")), in_force(compiled.get("contracts"))
    known = {_id(award) for award in awards}
    lone = [contract for contract in contracts if _text_id(contract.get("awardID")) not in known]
    pairs = [(award, _contract_of(award, contracts, len(awards) == 1)) for award in awards]
    pairs += [({}, contract) for contract in lone if len(awards) != 1]
    lines = [_line(compiled, notice, award, contract, len(pairs)) for award, contract in pairs]
    return tuple({line.id: line for line in lines}.values())


def _contract_of(award: Json, contracts: list[Json], alone: bool) -> Json:
    """The contract of an award, the first signed one of several; of a lone award also one that names none."""
    own = [one for one in contracts if _text_id(one.get("awardID")) == _id(award)] or (contracts if alone else [])
    return min(own, key=lambda one: str(one.get("dateSigned") or "~"), default={})


def _line(compiled: Json, notice: Notice, award: Json, contract: Json, of: int) -> AwardLine:
    tender = compiled.get("tender") or {}
    lots = _lots(award, tender)
    suppliers = _suppliers(award, notice, of)
    value = money(award.get("value")) or money(contract.get("value"))
    estimate = _estimate(lots, notice, of)
    comparable = value and estimate and estimate.amount and value.currency == estimate.currency
    itemised = [{"items": [*(award.get("items") or ()), *(contract.get("items") or ())]}]
    asked = [{"items": _items_of(tender, lots)}]
    codes = codes_of(itemised) or codes_of(asked)
    about = next(filter(None, (one_line(one.get("title")) for one in (award, *lots, contract))), "")
    return AwardLine(
        id=_line_id(notice, award, contract),
        notice_id=notice.id,
        source=notice.source,
        ocid=notice.ocid,
        title=(about or notice.title)[:LONGEST_TITLE],
        kind=notice.kind,
        buyer_id=notice.buyer_id,
        buyer=notice.buyer,
        supplier_ids=tuple(suppliers),
        suppliers=tuple(suppliers.values()),
        categories=categories_of(codes) or notice.categories,
        value=value,
        estimate=estimate if comparable else None,
        status="pending" if award.get("status") == "pending" else "active",
        awarded_at=_first(award.get("date"), contract.get("dateSigned")) or notice.awarded_at or notice.published_at,
        signed_at=moment(contract.get("dateSigned")),
        contract_id=_id(contract),
        bids=notice.bids,
        text=_text(award, contract, notice, _items_of(tender, lots)),
        codes=codes or notice.codes,
    )


def _line_id(notice: Notice, award: Json, contract: Json) -> str:
    """Ours have ids that are nobody else's; another publisher's are unique in one procurement only."""
    named = _id(award) or _id(contract)
    return named if not notice.source else key(notice.source, notice.ocid, "award" if award else "contract", named)


def _suppliers(award: Json, notice: Notice, of: int) -> dict[str, str]:
    named = {reference(one, notice.source): one_line(one.get("name")) for one in award.get("suppliers") or ()}
    if not named and of == 1:
        return dict(zip(notice.supplier_ids, notice.suppliers, strict=True))
    return {known: name for known, name in named.items() if known}


def _lots(award: Json, tender: Json) -> list[Json]:
    wanted = {str(lot) for lot in award.get("relatedLots") or ()}
    return [lot for lot in tender.get("lots") or () if str(lot.get("id")) in wanted]


def _items_of(tender: Json, lots: list[Json]) -> list[Json]:
    wanted = {str(lot.get("id")) for lot in lots}
    return [item for item in tender.get("items") or () if not wanted or str(item.get("relatedLot")) in wanted]


def _estimate(lots: list[Json], notice: Notice, of: int) -> Money | None:
    """Of the lots, where each has one in one currency; of the tender, where this award is all there is."""
    given = [money(lot.get("value")) for lot in lots]
    amounts = [one for one in given if one is not None]
    if amounts and len(amounts) == len(given) and len({one.currency for one in amounts}) == 1:
        return Money(sum(one.amount for one in amounts), amounts[0].currency)
    return notice.value if of == 1 else None


def _first(*dates: Any) -> datetime | None:
    return next(filter(None, map(moment, dates)), None)


def _text(award: Json, contract: Json, notice: Notice, items: list[Json]) -> str:
    """What the award says of itself, and what was asked for in its lots."""
    things = [*(award.get("items") or ()), *(contract.get("items") or ()), *items]
    said = [notice.title, award.get("description"), contract.get("title"), contract.get("description")]
    for thing in things:
        said += [thing.get("description"), (thing.get("classification") or {}).get("description")]
    return " ".join(dict.fromkeys(filter(None, map(one_line, said))))


def _id(thing: Json) -> str:
    return _text_id(thing.get("id"))


def _text_id(value: Any) -> str:
    return "" if value is None else str(value)
