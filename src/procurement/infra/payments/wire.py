"""Stripe's objects as far as we read them, checked on the way in, and what they mean here.

https://docs.stripe.com/api. A field that an older version of the interface does not have is not required.
"""

from datetime import UTC, datetime

import msgspec

from procurement.infra.payments import Dispute, Intent, Movement, Payout, SentBack, Session
from procurement.infra.payments.amounts import from_stripe
from procurement.kernel.money import Money

_DISPUTES = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}
_REFUNDS = {"succeeded": "sent", "failed": "failed", "canceled": "failed"}
_PAYOUTS = {"paid": "paid", "failed": "failed", "canceled": "failed"}


class Metadata(msgspec.Struct, frozen=True):
    """What we wrote beside an object: our own ids and nothing else."""

    charge: str = ""
    attempt: str = "0"
    refund: str = ""

    @property
    def number(self) -> int:
        """Whoever works on Stripe's own pages can write anything here."""
        return int(self.attempt) if self.attempt.isdecimal() and len(self.attempt) < 6 else 0


class Named(msgspec.Struct, frozen=True):
    """An object that was asked for whole, of which the name is enough."""

    id: str
    object: str = ""
    payment_intent: str | None = None


class Charged(msgspec.Struct, frozen=True):
    """The card was charged then; the intent may have been made long before."""

    created: int


class Problem(msgspec.Struct, frozen=True):
    code: str | None = None


class PaymentIntent(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: int
    currency: str
    created: int
    amount_received: int | None = None
    client_secret: str | None = None
    metadata: Metadata = Metadata()
    last_payment_error: Problem | None = None
    latest_charge: Charged | str | None = None

    def read(self, secret: str = "") -> Intent:
        paid = self.status == "succeeded"
        amount = self.amount_received if paid and self.amount_received is not None else self.amount
        return Intent(
            id=self.id,
            state=self._state(),
            money=from_stripe(amount, self.currency),
            charge=self.metadata.charge,
            attempt=self.metadata.number,
            at=moment(self.latest_charge.created if isinstance(self.latest_charge, Charged) else self.created),
            secret=secret,
            problem=(self.last_payment_error.code or "") if self.last_payment_error else "",
        )

    def _state(self) -> str:
        if self.status == "requires_payment_method" and self.last_payment_error:
            return "failed"
        return {"succeeded": "paid", "processing": "processing", "canceled": "cancelled"}.get(self.status, "waiting")


class CheckoutSession(msgspec.Struct, frozen=True):
    id: str
    status: str
    expires_at: int
    url: str | None = None
    payment_intent: str | None = None
    metadata: Metadata = Metadata()

    def read(self) -> Session:
        return Session(
            id=self.id,
            state=self.status,
            url=self.url or "",
            intent=self.payment_intent or "",
            charge=self.metadata.charge,
            attempt=self.metadata.number,
            until=moment(self.expires_at),
        )


class Refund(msgspec.Struct, frozen=True):
    id: str
    amount: int
    currency: str
    created: int
    status: str | None = None
    payment_intent: str | None = None
    metadata: Metadata = Metadata()
    failure_reason: str | None = None

    def read(self) -> SentBack:
        return SentBack(
            id=self.id,
            state=_REFUNDS.get(self.status or "", "pending"),
            money=from_stripe(self.amount, self.currency),
            intent=self.payment_intent or "",
            refund=self.metadata.refund,
            at=moment(self.created),
            problem=self.failure_reason or "",
        )


class BalanceTransaction(msgspec.Struct, frozen=True):
    id: str
    type: str
    amount: int
    fee: int
    currency: str
    created: int
    source: Named | str | None = None

    def read(self) -> Movement:
        source = Named(self.source) if isinstance(self.source, str) else self.source or Named("")
        return Movement(
            id=self.id,
            kind=self.type,
            source=(source.payment_intent if source.object == "charge" else None) or source.id,
            money=from_stripe(self.amount, self.currency),
            fee=from_stripe(self.fee, self.currency),
            at=moment(self.created),
        )


class OfDispute(msgspec.Struct, frozen=True):
    """A line of the balance inside a dispute: money withdrawn (below zero), or given back."""

    amount: int


class DisputeHere(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: int
    currency: str
    created: int
    payment_intent: str | None = None
    balance_transactions: tuple[OfDispute, ...] = ()

    def read(self) -> Dispute:
        return Dispute(
            id=self.id,
            state=_DISPUTES.get(self.status, "open"),
            money=from_stripe(self.amount, self.currency),
            intent=self.payment_intent or "",
            taken=any(line.amount < 0 for line in self.balance_transactions),
            at=moment(self.created),
        )


class PayoutHere(msgspec.Struct, frozen=True):
    id: str
    status: str
    amount: int
    currency: str
    arrival_date: int

    def read(self) -> Payout:
        money: Money = from_stripe(self.amount, self.currency)
        return Payout(id=self.id, state=_PAYOUTS.get(self.status, "pending"), money=money, at=moment(self.arrival_date))


class AccountHere(msgspec.Struct, frozen=True):
    id: str
    charges_enabled: bool = False


def moment(seconds: int) -> datetime:
    """Stripe counts seconds since 1970, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
