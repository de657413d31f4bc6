"""The door for Stripe's notices: signed, read within a limit, taken once, answered at once.

There is no session, no form token and no limit of how many: who sends is told by the signature alone. What a notice
says of an object counts for nothing; it only says which object to ask for anew.
"""

from litestar import Controller, Response, post
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
    ) -> Response[dict[str, str]]:
        """`outcome` says what became of it: taken, ignored (known already, or of a kind that is not looked at), or the
        code of a refusal: "card-absent" (404) without keys, "webhook-signature", "webhook-unreadable",
        "webhook-foreign" (400) for another account or another kind of money, "read-only" (503).
        """
        try:
            delivered = _believed(await arrived(request), request.headers.get("stripe-signature", ""), cards, settings)
            async with database.begin(system("payments")) as tx:
                mode.must_take_changes(await mode.current(tx), tx.real_now)
                outcome, status = "taken" if await take_notice(tx, delivered) else "ignored", 200
        except Refused as no:  # a program hears no more than that
            outcome, status = no.code, no.status
        DELIVERIES.labels(outcome).inc()
        return Response({"outcome": outcome}, status_code=status)


def _believed(body: bytes, signature: str, cards: Cards | None, settings: Settings) -> Delivered:
    if cards is None or not settings.stripe_webhook_secret:
        raise absent()
    delivered = verified(body, signature, settings.stripe_webhook_secret)
    # Practice money is not real money, and another account's is not ours.
    if delivered.live != cards.live or delivered.account not in ("", settings.stripe_account):
        raise Refused("webhook-foreign", "This is about another account, or about another kind of money.", status=400)
    return delivered
