"""The deposit that goes with a bid: what it is, and the step from which its supplier pays it."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.bids.pages.workspace import bench
from procurement.bids.service import deposits
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.pages import page, see_other
from procurement.kernel.permissions import P


class DepositPage(Controller):
    path = "/tenders/{tender_id:str}/bid/deposit"
    include_in_schema = False

    @get("/", opt=access(P.BID_PREPARE))
    async def show(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        return page("bids/deposit.html", bench=await bench(tx, request, door, tender_id))

    @post("/", opt=access(P.PAYMENT_PAY))
    async def ask(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Redirect | Template:
        """Make the charge, once however often it is pressed, and go where it is paid."""
        async with tx.trying() as tried:
            charge = await deposits.ask(tx, tender_id)
        if tried.refused:
            shown = await bench(tx, request, door, tender_id)
            return page("bids/deposit.html", refused=tried.refused, typed={}, bench=shown)
        return see_other(f"/payments/{charge.id}")
