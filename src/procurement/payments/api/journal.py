"""The books for an accountant's program."""

from datetime import date

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import also
from procurement.kernel.permissions import P
from procurement.payments.service import export
from procurement.payments.service.export import Journal


class JournalApi(Controller):
    path = "/api/v1/treasury/journal"
    tags = ("treasury",)
    security = ({"bearer": []},)

    @get("/", opt=access(P.PAYMENT_READ) | also(422))
    async def journal(
        self, tx: NamedDependency[Tx], first: FromQuery[date], last: FromQuery[date], after: FromQuery[int] = 0
    ) -> Journal:
        """The entries of the books that count from the day `first` to the day `last` (official time, both included, at
        most a year), in the order in which they count. `after`: an earlier `next`, until it is 0."""
        return await export.journal(tx, await export.period(tx, first, last), after)
