"""Declarations and prices: kept in the draft's box, and in no address, log or message."""

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.bids.pages import cookie
from procurement.bids.pages.workspace import Bench, bench, readable
from procurement.bids.rules.declarations import declare, statements
from procurement.bids.rules.prices import grand_total, line_total, price_schedule, unit_price
from procurement.bids.service import drafts
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.forms import read_form
from procurement.infra.web.pages import page, see_other
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender

FIELD = "price_"  # before an item's id


class DeclarationsForm(msgspec.Struct, frozen=True):
    confirmed: list[str] = []


class Declarations(Controller):
    path = "/tenders/{tender_id:str}/bid/declarations"
    include_in_schema = False

    @get("/", opt=access(P.BID_PREPARE))
    async def show(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        return self._page(await bench(tx, request, door, tender_id))

    @post("/", opt=access(P.BID_PREPARE))
    async def save(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, DeclarationsForm)
            declared = declare(await tenders.public_tender(tx, tender_id), frozenset(form.confirmed))
            key = cookie.read(request, door, tx.actor.organisation)
            await drafts.change(tx, tender_id, key, lambda held: msgspec.structs.replace(held, declared=declared))
        if tried.refused:
            return self._page(await bench(tx, request, door, tender_id), tried.refused, request)
        return see_other(f"/tenders/{tender_id}/bid")

    def _page(self, shown: Bench, refused: Refused | None = None, request: AnyRequest | None = None) -> Template:
        declared = readable(shown).declared
        return page(
            "bids/declarations.html",
            refused=_at_one_field(refused, "confirmed"),
            typed=_typed(request),
            bench=shown,
            choices=[(statement.code, statement.text) for statement in statements(shown.tender)],
            declared=list(declared),
        )


class Prices(Controller):
    path = "/tenders/{tender_id:str}/bid/prices"
    include_in_schema = False

    @get("/", opt=access(P.BID_PREPARE))
    async def show(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        return self._page(await bench(tx, request, door, tender_id))

    @post("/", opt=access(P.BID_PREPARE))
    async def save(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Redirect | Template:
        """Save the unit prices and show the sums; nobody types a total."""
        async with tx.trying() as tried:
            tender = await tenders.public_tender(tx, tender_id)
            form = msgspec.structs.asdict(await read_form(request, _form(tender)))
            typed = {name.removeprefix(FIELD): str(value) for name, value in form.items() if value}
            price_schedule(tender, typed)
            key = cookie.read(request, door, tx.actor.organisation)
            await drafts.change(tx, tender_id, key, lambda held: msgspec.structs.replace(held, prices=typed))
        if tried.refused:
            return self._page(await bench(tx, request, door, tender_id), tried.refused, request)
        return see_other(f"/tenders/{tender_id}/bid/prices")

    def _page(self, shown: Bench, refused: Refused | None = None, request: AnyRequest | None = None) -> Template:
        prices = readable(shown).prices
        if refused:
            named = {FIELD + name.removeprefix(FIELD): words for name, words in refused.fields.items()}
            refused = Refused(refused.code, refused.detail, status=refused.status, fields=named)
        return page(
            "bids/prices.html",
            refused=refused,
            typed=_typed(request),
            bench=shown,
            prices=prices,
            lines=_lines(shown.tender, prices),
            totals=_totals(shown.tender, prices),
        )


def _form(tender: Tender) -> type[msgspec.Struct]:
    """One field for each item, none required: a lot may be left out."""
    return msgspec.defstruct("PricesForm", [(f"{FIELD}{item.id}", str, "") for item in tender.items], frozen=True)


def _lines(tender: Tender, prices: dict[str, str]) -> dict[str, Money]:
    """item id -> quantity times unit price, for what is saved."""
    units = {item.id: unit_price(prices.get(item.id, "")) for item in tender.items}
    return {
        item.id: line_total(item, unit, tender.value.currency)
        for item in tender.items
        if (unit := units[item.id]) is not None
    }


def _totals(tender: Tender, prices: dict[str, str]) -> dict[str, Money]:
    """lot id -> total, and "" -> the sum of them; empty while the schedule is not complete."""
    try:
        schedule = price_schedule(tender, prices)
    except Refused:
        return {}
    return schedule.lot_totals() | {"": grand_total(schedule)}


def _typed(request: AnyRequest | None) -> dict[str, object] | None:
    return request.state.get("typed") if request is not None else None


def _at_one_field(refused: Refused | None, name: str) -> Refused | None:
    """The declarations are one group of boxes: what is missing among them is said once, at the group."""
    if refused is None or refused.code != "form-invalid":
        return refused
    return Refused(refused.code, refused.detail, status=refused.status, fields={name: refused.detail})
