"""Paying by card in the browser: to the card service's page and back. Nothing of a card is typed here."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.payments import Cards
from procurement.infra.tx import Database, Tx
from procurement.infra.web import access, see_other
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments import service
from procurement.payments.pages.own import charge_page
from procurement.payments.service import cards as by_card
from procurement.settings import Settings


class CardPages(Controller):
    path = "/payments/{charge_id:str}/card"
    include_in_schema = False

    @post("/", opt=access(P.PAYMENT_PAY))
    async def pay(
        self,
        tx: NamedDependency[Tx],
        database: NamedDependency[Database],
        cards: NamedDependency[Cards | None],
        settings: NamedDependency[Settings],
        charge_id: FromPath[str],
    ) -> Template | Redirect:
        """To the page of the card service; back here with the reason where that cannot be."""
        await service.own(tx, charge_id)
        try:
            back = f"{settings.base_url}/payments/{charge_id}/card"
            return see_other(await by_card.open_page(database, tx.actor, cards, charge_id, back))
        except Refused as no:
            if no.status in (401, 403, 404):
                raise
            return await charge_page(tx, settings, charge_id, refused=no)

    @get("/", opt=access(P.PAYMENT_READ_OWN))
    async def back(
        self,
        tx: NamedDependency[Tx],
        database: NamedDependency[Database],
        cards: NamedDependency[Cards | None],
        settings: NamedDependency[Settings],
        charge_id: FromPath[str],
    ) -> Template | Redirect:
        """Whoever comes back from there, by whatever button: the card service is asked what became of it."""
        await service.own(tx, charge_id)
        try:
            if cards is not None and not tx.read_only:
                await by_card.come_back(database, cards, charge_id)
        except Refused as no:
            return await charge_page(tx, settings, charge_id, refused=_not_known_yet() if no.status == 503 else no)
        return see_other(f"/payments/{charge_id}")


def _not_known_yet() -> Refused:
    return Refused(
        "card-outcome-unknown",
        "The card service does not answer at this moment, so we do not know yet whether you paid. Do not pay again: "
        "if you did pay, it is shown here within minutes of its next answer.",
        status=503,
    )
