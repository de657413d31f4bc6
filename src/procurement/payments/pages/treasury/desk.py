"""What waits for the treasury, and what its accounts say."""

from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.response import Template

from procurement.infra.payments import Cards
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments import service
from procurement.payments.pages.treasury.shown import names
from procurement.payments.rules.books import sheets
from procurement.payments.service import transfer_lines, transfer_out


class TreasuryPages(Controller):
    path = "/treasury"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def desk(self, tx: NamedDependency[Tx], cards: NamedDependency[Cards | None]) -> Template:
        return await desk(tx, cards=cards is not None)

    @get("/books", opt=access(P.PAYMENT_READ))
    async def books(self, tx: NamedDependency[Tx]) -> Template:
        return page("payments/treasury_books.html", sheets=sheets(await service.treasury_balances(tx)))


async def desk(tx: Tx, refused: Refused | None = None, *, cards: bool = False) -> Template:
    """The desk; with what went wrong, after something that was decided on it."""
    waiting = await service.waiting(tx)
    refunds = (*waiting.refunds, *waiting.failed)
    about = {one.charge for one in refunds} | {one.charge for one in waiting.forfeitures}
    charges = await service.charges(tx, about | {one.charge for one in waiting.disputes})
    people = {person for one in refunds for person in one.deciders} | {one.asked_by for one in waiting.forfeitures}
    known = await names(tx, [one.payer for one in charges.values()], people)
    lines = (await transfer_lines.waiting(tx)).count
    ready = sum(bool(one.account and not one.batch) for one in await transfer_out.owed(tx))
    shown: dict[str, Any] = {
        "waiting": waiting,
        "lines": lines,
        "ready": ready,
        "charges": charges,
        "names": known,
        "cards": cards,
    }
    return page("payments/treasury.html", refused=refused, **shown)
