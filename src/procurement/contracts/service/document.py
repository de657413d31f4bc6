"""The text of a contract, and the PDF made of it."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from procurement.awards.rules import Award, last_day
from procurement.bids.rules.prices import line_total
from procurement.identity import service as identity
from procurement.infra import countries, documents
from procurement.infra.files import Files, Stored
from procurement.infra.tx import Tx
from procurement.opening import service as opening
from procurement.settings import Settings
from procurement.tenders import service as tenders
from procurement.tenders.rules import Item, Tender


class Party(msgspec.Struct, frozen=True):
    name: str
    register: str
    country: str


class Line(msgspec.Struct, frozen=True):
    description: str
    quantity: str
    unit: str
    unit_price: str
    amount: str


class ContractText(msgspec.Struct, frozen=True, kw_only=True):
    """What the template prints, already in words."""

    language: str
    title: str
    number: str
    tender: str
    ocid: str
    buyer: Party
    supplier: Party
    description: str
    items: tuple[Line, ...]
    value: str
    starts_on: str
    ends_on: str
    terms: str
    announced: str
    standstill: str


async def write(tx: Tx, files: Files, tender: Tender, award: Award, number: str, period: tuple[date, date]) -> Stored:
    """Make the contract's document and store it; the same facts give the same bytes."""
    rulebook = await tenders.rulebook_of(tx, tender)
    parties = await identity.organisations(tx, (tender.buyer, award.supplier))
    buyer, supplier = (parties[key] for key in (tender.buyer, award.supplier))
    lot = tender.lot(award.lot)
    text = ContractText(
        language=rulebook.languages[0],
        title=title(tender, award.lot),
        number=number,
        tender=tender.id,
        ocid=tender.ocid,
        buyer=_party(buyer),
        supplier=_party(supplier),
        description=(lot.description if lot else "") or tender.description,
        items=await _lines(tx, tender, award),
        value=documents.amount(award.price) if award.price else "",
        starts_on=documents.day(period[0]),
        ends_on=documents.day(period[1]),
        terms=tender.contract_terms,
        announced=_moment(award.announced_at, rulebook.zone),
        standstill=last_day(award.standstill_ends, rulebook.zone) if award.standstill_ends else "",
    )
    return await documents.keep(files, await documents.pdf("contracts/contract.typ", text, tx.now))


def title(tender: Tender, lot_id: str) -> str:
    """The tender's title, with the lot's where there are several."""
    lot = tender.lot(lot_id)
    several = lot is not None and len(tender.lots) > 1 and lot.title != tender.title
    return f"{tender.title}: {lot.title}" if lot and several else tender.title


async def _lines(tx: Tx, tender: Tender, award: Award) -> tuple[Line, ...]:
    """The price schedule of the winning bid, for the lot."""
    bid = next(bid for bid in await opening.opened_bids(tx, tender.id) if bid.bid_id == award.bid)
    prices = {price.item: Decimal(price.unit_price) for price in bid.item_prices}
    items = tender.items_of(award.lot) if award.lot else tender.items
    return tuple(_line(item, prices[item.id], tender.value.currency) for item in items if item.id in prices)


def _line(item: Item, unit_price: Decimal, currency: str) -> Line:
    amount = line_total(item, unit_price, currency)
    return Line(item.description, f"{item.quantity:f}", item.unit, f"{unit_price:f}", documents.amount(amount))


def _party(organisation: identity.Organisation) -> Party:
    register = f"{organisation.identifier_scheme} {organisation.identifier}".strip()
    country = countries.name(organisation.country, Settings.read().country_name)
    return Party(organisation.name, register or "not given", country)


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return documents.day(at.astimezone(zone).date()) if at else ""
