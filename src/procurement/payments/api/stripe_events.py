"""The door for Stripe's notices: signed, read within a limit, taken once, answered at once.

There is no session, no form token and no limit of how many: who sends is told by the signature alone. What a notice
says of an object counts for nothing; it only says which object to ask for anew.
"""

from litestar import Controller, post
from litestar.di import NamedDependency

from procurement.infra import mode
from procurement.infra.metrics.cards import DELIVERIES
from procurement.infra.payments import Cards, Delivered, absent
from procurement.infra.payments.signed import verified
from procurement.infra.tx import Database
from procurement.infra.web import access
from procurement.infra.web.door import AnyRequest
from procurement.infra.web.fields import arrived
from procurement.kernel.actor import system
from procurement.kernel.refusal import Refused
from procurement.payments.service.cards import take_notice
from procurement.settings import Settings

LARGEST = 256 * 1024  # bytes


class StripeEvents(Controller):
    path = "/webhooks/stripe"
    include_in_schema = False

    @post("/", opt=access("public"), status_code=200, request_max_body_size=LARGEST)
    async def take(
        self,
        request: AnyRequest,
        database: NamedDependency[Database],
        cards: NamedDependency[Cards | None],
        settings: NamedDependency[Settings],
    ) -> dict[str, bool]:
        """`received` says whether it was new and of a kind that is looked at; any good notice is answered with 200.

        Refused("card-absent", 404) without keys, ("webhook-signature", 400), ("webhook-unreadable", 400),
        ("webhook-foreign", 400) for another account or another kind of money, ("read-only", 503).
        """
        if cards is None or not settings.stripe_webhook_secret:
            raise absent()
        try:
            signature = request.headers.get("stripe-signature", "")
            delivered = verified(await arrived(request), signature, settings.stripe_webhook_secret)
            _must_be_ours(delivered, cards, settings)
        except Refused as no:
            DELIVERIES.labels(no.code).inc()
            raise
        async with database.begin(system("payments")) as tx:
            mode.must_take_changes(await mode.current(tx), tx.real_now)
            new = await take_notice(tx, delivered)
        DELIVERIES.labels("taken" if new else "ignored").inc()
        return {"received": new}


def _must_be_ours(delivered: Delivered, cards: Cards, settings: Settings) -> None:
    """Practice money is not real money, and another account's is not ours."""
    if delivered.live != cards.live or delivered.account not in ("", settings.stripe_account):
        raise Refused("webhook-foreign", "This is about another account, or about another kind of money.", status=400)
