"""What the daily comparison with the card service found: the treasury looks at each, and says so."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.payments import Cards, absent
from procurement.infra.tx import Tx
from procurement.infra.web import access, page, see_other
from procurement.kernel.permissions import P
from procurement.payments.service import cards as by_card


class CardDifferences(Controller):
    path = "/treasury/cards"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def differences(self, tx: NamedDependency[Tx], cards: NamedDependency[Cards | None]) -> Template:
        """Refused("card-absent", 404) where no cards are taken."""
        if cards is None:
            raise absent()
        return page("payments/treasury_cards.html", differences=await by_card.listed(tx), last=await by_card.last(tx))

    @post("/{kind:str}/{name:str}", opt=access(P.PAYMENT_RECORD))
    async def close(self, tx: NamedDependency[Tx], kind: FromPath[str], name: FromPath[str]) -> Redirect:
        await by_card.close(tx, kind, name)
        return see_other("/treasury/cards")
