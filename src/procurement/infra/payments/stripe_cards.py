"""Stripe behind the port, with its official client: https://docs.stripe.com/api

Each call is bounded in time and tried again once by the client itself, with the same idempotency key. After a call
that nobody answered the breaker keeps everybody else from waiting.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import httpx
import msgspec
import stripe
from stripe.params import PaymentIntentCreateParams, PaymentIntentRetrieveParams, RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from procurement.infra.breaker import Breaker
from procurement.infra.payments import (
    Account,
    Dispute,
    Intent,
    Movement,
    Order,
    Payout,
    SentBack,
    Session,
    unreachable,
    wire,
)
from procurement.infra.payments.amounts import to_stripe
from procurement.infra.payments.keys import LIVE, must_be_stripes
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

VERSION = "2026-10-28.endive"  # of the interface: what `wire` reads and the doubles of the tests speak
PATIENCE = 6.0  # seconds for one call that a person waits for
JOB_PATIENCE = 20.0  # seconds for one call of the worker
CONNECT = 2.0  # seconds
PAUSE = 10.0  # seconds that the breaker keeps others from asking
PAGE = 100  # objects in one answer of a list

log = logging.getLogger(__name__)
stripe.enable_telemetry = False  # it would tell how long our calls took, and of this machine

T = TypeVar("T")
Found = Callable[[], Awaitable[Any]]
Listed = Callable[[Any], Awaitable[Any]]


def connect(settings: Settings, patience: float = PATIENCE) -> "StripeCards | None":
    """The account of the settings, None without a key. ValueError for an address that is neither Stripe's own nor on
    this machine: a secret key is told to nobody else."""
    if not settings.stripe_secret_key:
        return None
    must_be_stripes(settings.stripe_url)
    return StripeCards(settings.stripe_secret_key, settings.stripe_account, settings.stripe_url, patience)


class StripeCards:
    """One account, with one key. An account of its own (`acct_…`) is named where the key is a platform's."""

    def __init__(self, key: str, account: str = "", address: str = "", patience: float = PATIENCE) -> None:
        self.live, self.patience, self.breaker = key.startswith(LIVE), patience, Breaker(PAUSE)
        self._http = stripe.HTTPXClient(timeout=httpx.Timeout(patience, connect=CONNECT))
        self._client = stripe.StripeClient(
            key,
            stripe_account=account or None,
            stripe_version=VERSION,
            base_addresses={"api": address.rstrip("/")} if address else None,
            max_network_retries=1,
            http_client=self._http,
        )
        self._v1 = self._client.v1

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the library says nothing here

    async def open_session(self, order: Order) -> Session:
        params = self._session_params(order)
        once: stripe.RequestOptions = {"idempotency_key": f"session-{order.charge}-{order.attempt}"}
        found = await self._ask(lambda: self._v1.checkout.sessions.create_async(params, once))
        return _as(wire.CheckoutSession, found).read()

    def _session_params(self, order: Order) -> SessionCreateParams:
        amount, currency = to_stripe(order.money)
        ours = {"charge": order.charge, "attempt": str(order.attempt)}
        params: SessionCreateParams = {
            "mode": "payment",
            "allowed_payment_method_types": ["card"],
            "adaptive_pricing": {"enabled": False},  # what is owed is owed in this currency
            "line_items": [
                {
                    "price_data": {
                        "currency": currency,
                        "unit_amount": amount,
                        "product_data": {"name": order.said},
                    },
                    "quantity": 1,
                }
            ],
            "client_reference_id": order.charge,
            "metadata": ours,
            "payment_intent_data": {"metadata": ours},
            "success_url": order.back,
            "cancel_url": order.back,
        }
        if order.until:
            params["expires_at"] = int(order.until.timestamp())
        return params

    async def close_session(self, session: str) -> None:
        await self._end(lambda: self._v1.checkout.sessions.expire_async(session))

    async def session(self, session: str) -> Session | None:
        found = await self._look(lambda: self._v1.checkout.sessions.retrieve_async(session))
        return _as(wire.CheckoutSession, found).read() if found else None

    async def open_intent(self, order: Order) -> Intent:
        amount, currency = to_stripe(order.money)
        params: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": currency,
            "allowed_payment_method_types": ["card"],
            "metadata": {"charge": order.charge, "attempt": str(order.attempt)},
        }
        once: stripe.RequestOptions = {"idempotency_key": f"intent-{order.charge}-{order.attempt}"}
        made = _as(wire.PaymentIntent, await self._ask(lambda: self._v1.payment_intents.create_async(params, once)))
        return made.read(made.client_secret or "")

    async def close_intent(self, intent: str) -> None:
        await self._end(lambda: self._v1.payment_intents.cancel_async(intent))

    async def intent(self, intent: str) -> Intent | None:
        with_charge: PaymentIntentRetrieveParams = {"expand": ["latest_charge"]}
        found = await self._look(lambda: self._v1.payment_intents.retrieve_async(intent, with_charge))
        return _as(wire.PaymentIntent, found).read() if found else None

    async def send_refund(self, refund: str, intent: str, money: Money) -> SentBack:
        amount, _ = to_stripe(money)
        params: RefundCreateParams = {"payment_intent": intent, "amount": amount, "metadata": {"refund": refund}}
        once: stripe.RequestOptions = {"idempotency_key": f"refund-{refund}"}
        return _as(wire.Refund, await self._ask(lambda: self._v1.refunds.create_async(params, once))).read()

    async def refund(self, refund: str) -> SentBack | None:
        found = await self._look(lambda: self._v1.refunds.retrieve_async(refund))
        return _as(wire.Refund, found).read() if found else None

    async def refunds_of(self, intent: str) -> list[SentBack]:
        listed = self._all(self._v1.refunds.list_async, wire.Refund, {"payment_intent": intent})
        return [one.read() async for one in listed]

    async def dispute(self, dispute: str) -> Dispute | None:
        found = await self._look(lambda: self._v1.disputes.retrieve_async(dispute))
        return _as(wire.DisputeHere, found).read() if found else None

    async def payout(self, payout: str) -> Payout | None:
        found = await self._look(lambda: self._v1.payouts.retrieve_async(payout))
        return _as(wire.PayoutHere, found).read() if found else None

    async def account(self) -> Account:
        found = _as(wire.AccountHere, await self._ask(self._v1.accounts.retrieve_current_async))
        return Account(found.id, found.charges_enabled)

    async def intents(self, since: datetime, until: datetime) -> AsyncIterator[Intent]:
        asked = _window(since, until) | {"expand": ["data.latest_charge"]}
        async for one in self._all(self._v1.payment_intents.list_async, wire.PaymentIntent, asked):
            yield one.read()

    async def refunds(self, since: datetime, until: datetime) -> AsyncIterator[SentBack]:
        async for one in self._all(self._v1.refunds.list_async, wire.Refund, _window(since, until)):
            yield one.read()

    async def movements(self, since: datetime, until: datetime) -> AsyncIterator[Movement]:
        asked = _window(since, until) | {"expand": ["data.source"]}
        async for one in self._all(self._v1.balance_transactions.list_async, wire.BalanceTransaction, asked):
            yield one.read()

    async def _all(self, listed: Listed, kind: type[T], asked: dict[str, Any]) -> AsyncIterator[T]:
        """Every object of a list, page by page, each page a call of its own."""
        after: dict[str, str] = {}
        while True:
            params = {"limit": PAGE, **asked, **after}
            page = (await self._ask(lambda params=params: listed(params))).to_dict()  # type: ignore[misc]  # bound now
            for one in page["data"]:
                yield msgspec.convert(one, kind)
            if not page["has_more"] or not page["data"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}

    async def _look(self, found: Found) -> Any:
        """What is there, or None."""
        try:
            return await self._ask(found)
        except _Missing:
            return None

    async def _end(self, end: Found) -> None:
        """What is over already cannot be ended: that is what was wanted."""
        try:
            await self._ask(end)
        except Refused as no:
            if no.code != "card-refused":
                raise

    async def _ask(self, call: Found) -> Any:
        """One call, bounded. Refused as the port says; _Missing for what is not there."""
        if not self.breaker.lets_through():
            raise unreachable()
        try:
            async with asyncio.timeout(self.patience):
                found = await call()
        except (stripe.APIConnectionError, TimeoutError) as lost:
            self.breaker.failed()
            raise unreachable() from lost
        except stripe.StripeError as no:
            raise self._refusal(no) from no
        self.breaker.worked()
        return found

    def _refusal(self, no: stripe.StripeError) -> Refused:
        """An answer is a sign of life, unless it says that something there is broken."""
        status = no.http_status or 500
        log.warning("stripe: %s %s %s", type(no).__name__, status, no.code or "")  # its words may name people
        if status >= 500:
            self.breaker.failed()
            return unreachable()
        self.breaker.worked()
        if status in (401, 403, 409, 429):  # a key that is wrong, or too much at once: nothing was done
            return unreachable()
        return _Missing() if status == 404 else _refused()


class _Missing(Refused):
    def __init__(self) -> None:
        super().__init__("card-refused", "There is no such payment by card.")


def _refused() -> Refused:
    return Refused(
        "card-refused",
        "The card service did not take this payment. Nothing was charged. Pay by bank transfer, or ask the treasury.",
    )


def _as(kind: type[T], found: Any) -> T:
    return msgspec.convert(found.to_dict(), kind)


def _window(since: datetime, until: datetime) -> dict[str, Any]:
    return {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}}
