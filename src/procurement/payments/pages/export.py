"""The accountant's export: choose a period, take the books away."""

from datetime import date

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.response import Stream, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments.pages.treasury.shown import must_be_shown
from procurement.payments.service import export, export_files, transfer_lines
from procurement.rulebooks import service as rulebooks


class ExportPages(Controller):
    path = "/treasury/export"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def choose(
        self, tx: NamedDependency[Tx], first: FromQuery[date | None] = None, last: FromQuery[date | None] = None
    ) -> Template:
        """Without days, the month that runs."""
        today = tx.now.astimezone((await rulebooks.active(tx)).zone).date()
        during = await export.period(tx, today.replace(day=1), today)
        async with tx.trying() as tried:
            during = await export.period(tx, first or during.first, last or during.last)
        must_be_shown(tried.refused)
        sums = {
            currency: (Money(debit, currency), Money(-credit, currency))
            for currency, (debit, credit) in (await export.totals(tx, during)).items()
        }
        waiting = await transfer_lines.waiting(tx)
        typed = {"first": str(first or during.first), "last": str(last or during.last)}
        return page(
            "payments/export.html", refused=tried.refused, typed=typed, during=during, sums=sums, waiting=waiting
        )

    @get("/books.zip", opt=access(P.PAYMENT_READ))
    async def books(self, tx: NamedDependency[Tx], first: FromQuery[date], last: FromQuery[date]) -> Stream:
        """Journal, balances, open charges, receipts and what is not booked, as CSV in one ZIP."""
        made = await export_files.archive(tx, await export.period(tx, first, last))
        headers = {
            "Content-Disposition": f'attachment; filename="books-{first}-{last}.zip"',
            "Cache-Control": "no-store",
        }
        return Stream(export_files.parts(made), media_type="application/zip", headers=headers)


ROUTES = (ExportPages,)
