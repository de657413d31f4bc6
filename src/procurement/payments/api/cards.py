"""Paying by card from a program: the payment is confirmed between the program and the card service."""

from datetime import datetime

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from procurement.infra.payments import Cards
from procurement.infra.tx import Database, Tx
from procurement.infra.web import access
from procurement.infra.web.door import also
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.repeated import OWN_KEYS
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments import service
from procurement.payments.service import cards as by_card
from procurement.settings import Settings


class PaymentIntent(msgspec.Struct):
    """A payment to be confirmed with the card service, before `until` (real time). `client_secret` is told this once
    and stored nowhere; with `publishable_key` it is all that the card service's own libraries need."""

    id: str
    amount: Money
    client_secret: str
    publishable_key: str
    until: datetime


class CardApi(Controller):
    path = "/api/v1/charges/{charge_id:str}/payment-intent"
    tags = ("payments",)
    security = ({"bearer": []},)

    @post("/", opt=access(P.PAYMENT_PAY) | OWN_KEYS | NOT_REHEARSED | also(404, 503), status_code=201)
    async def ask(
        self,
        tx: NamedDependency[Tx],
        database: NamedDependency[Database],
        cards: NamedDependency[Cards | None],
        settings: NamedDependency[Settings],
        charge_id: FromPath[str],
    ) -> PaymentIntent:
        """Begin to pay what is owed by card.

        Asking again begins anew: what was begun before is closed, so that nothing is paid twice. An
        `Idempotency-Key` is not looked at. No data of a card may be sent to this service.
        """
        await service.own(tx, charge_id)
        intent, until = await by_card.ask_intent(database, tx.actor, cards, charge_id)
        return PaymentIntent(intent.id, intent.money, intent.secret, settings.stripe_publishable_key, until)
