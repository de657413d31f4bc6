"""Check, seal and submit; withdraw. What was refused as late is told with both times."""

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.bids import service
from procurement.bids.latching import Latching
from procurement.bids.pages import cookie
from procurement.bids.pages.workspace import Bench, bench, readable
from procurement.bids.rules.declarations import statements
from procurement.bids.rules.facts import LateBidRefused
from procurement.bids.rules.prices import grand_total, price_schedule
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.forms import read_form
from procurement.infra.web.pages import page, see_other
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import Prices
from procurement.tenders.rules import Lot, Tender


class SubmitForm(msgspec.Struct, frozen=True):
    """`key` makes a second press the same submission; `changes` is the state of the draft that was checked."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    changes: int


class Submit(Controller):
    path = "/tenders/{tender_id:str}/bid"
    include_in_schema = False

    @get("/check", opt=access(P.BID_PREPARE))
    async def check(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        """A dry run of the whole submission, any day before."""
        return self._check(await bench(tx, request, door, tender_id))

    @post("/submit", opt=access(P.BID_SUBMIT))
    async def submit(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        files: NamedDependency[Files],
        latching: NamedDependency[Latching],
        receipt_key: NamedDependency[SignerKey],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            form = await read_form(request, SubmitForm)
            draft_key = cookie.read(request, door, tx.actor.organisation)
            receipt = await service.submit_draft(
                tx, files, receipt_key, tender_id, draft_key=draft_key, key=form.key, changes=form.changes
            )
        if tried.refused is None:
            return see_other(f"/receipts/{receipt.bid.id}")
        shown = await bench(tx, request, door, tender_id)
        if late := _late(tried.refused, shown):
            latching.soon(tender_id)
            return late
        return self._check(shown, tried.refused)

    @get("/withdraw", opt=access(P.BID_WITHDRAW))
    async def ask(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        return page("bids/withdraw.html", bench=await bench(tx, request, door, tender_id))

    @post("/withdraw", opt=access(P.BID_WITHDRAW))
    async def withdraw(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Redirect | Template:
        async with tx.trying() as tried:
            await service.withdraw(tx, tender_id)
        if tried.refused is None:
            return see_other(f"/tenders/{tender_id}/bid")
        shown = await bench(tx, request, door, tender_id)
        return _late(tried.refused, shown) or page("bids/withdraw.html", refused=tried.refused, bench=shown)

    def _check(self, shown: Bench, refused: Refused | None = None) -> Template:
        contents = readable(shown)
        schedule = None if "prices" in shown.lacks else price_schedule(shown.tender, contents.prices)
        assert shown.draft  # readable() refuses without one
        return page(
            "bids/check.html",
            refused=refused,
            typed={},
            bench=shown,
            contents=contents,
            key=new_id(),
            changes=shown.draft.changes,
            declared=[s.text for s in statements(shown.tender) if s.code in contents.declared],
            lot_totals=_lot_totals(shown.tender, schedule) if schedule else [],
            total=grand_total(schedule) if schedule else None,
        )


def _lot_totals(tender: Tender, schedule: Prices) -> list[tuple[Lot, Money]]:
    """The lots bid for, in the tender's order, with what is asked for each."""
    totals = schedule.lot_totals()
    return [(lot, totals[lot.id]) for lot in tender.lots if lot.id in totals]


def _late(refused: Refused, shown: Bench) -> Template | None:
    if not isinstance(refused.fact, LateBidRefused):
        return None
    return page("bids/late.html", refused=refused, bench=shown, late=refused.fact)
