"""Notices of Stripe: believed when the official library finds the signature good, and the object is then fetched anew.

https://docs.stripe.com/webhooks
"""

import msgspec
import stripe

from procurement.infra.payments import Delivered, Kind
from procurement.infra.payments.wire import moment
from procurement.kernel.refusal import Refused

TOLERANCE = 300  # seconds between the signature and now

_KINDS = {
    "payment_intent.succeeded": Kind.INTENT,
    "payment_intent.processing": Kind.INTENT,
    "payment_intent.payment_failed": Kind.INTENT,
    "payment_intent.canceled": Kind.INTENT,
    "checkout.session.completed": Kind.SESSION,
    "checkout.session.expired": Kind.SESSION,
    "checkout.session.async_payment_succeeded": Kind.SESSION,
    "checkout.session.async_payment_failed": Kind.SESSION,
    "charge.refunded": Kind.REFUNDS,
    "charge.refund.updated": Kind.REFUND,
    "refund.created": Kind.REFUND,
    "refund.updated": Kind.REFUND,
    "refund.failed": Kind.REFUND,
    "charge.dispute.created": Kind.DISPUTE,
    "charge.dispute.updated": Kind.DISPUTE,
    "charge.dispute.closed": Kind.DISPUTE,
    "charge.dispute.funds_withdrawn": Kind.DISPUTE,
    "charge.dispute.funds_reinstated": Kind.DISPUTE,
    "payout.paid": Kind.PAYOUT,
    "payout.failed": Kind.PAYOUT,
}

CONCERNS_US = tuple(_KINDS)
"""The types to choose where the endpoint is set up; any other is acknowledged and ignored."""


class _Object(msgspec.Struct, frozen=True):
    id: str = ""
    payment_intent: str | None = None


class _Data(msgspec.Struct, frozen=True):
    object: _Object


class _Event(msgspec.Struct, frozen=True):
    """As far as it is read: where to look. What it says of the object itself may be old, and counts for nothing."""

    id: str
    type: str
    created: int
    livemode: bool
    data: _Data
    account: str | None = None


def verified(body: bytes, signature: str, secret: str) -> Delivered:
    """The notice, when this secret signed exactly these bytes within TOLERANCE.

    Refused("webhook-signature", 400), Refused("webhook-unreadable", 400).
    """
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE)
        event = msgspec.json.decode(body, type=_Event)
    except stripe.SignatureVerificationError as wrong:
        raise Refused("webhook-signature", "The signature is not good.", status=400) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Refused("webhook-unreadable", "This is no event.", status=400) from wrong
    kind = _KINDS.get(event.type)
    found = event.data.object
    return Delivered(
        id=event.id,
        type=event.type,
        kind=kind,
        object=(found.payment_intent or "") if kind is Kind.REFUNDS else found.id,
        live=event.livemode,
        account=event.account or "",
        at=moment(event.created),
    )
