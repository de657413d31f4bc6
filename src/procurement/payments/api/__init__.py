"""Payments for programs."""

from procurement.payments.api import treasury
from procurement.payments.api.cards import CardApi
from procurement.payments.api.challenge_fee import ChallengeFeeApi
from procurement.payments.api.journal import JournalApi
from procurement.payments.api.own import Charges
from procurement.payments.api.stripe_events import StripeEvents

ROUTES = (
    *treasury.ROUTES,
    JournalApi,
    CardApi,
    StripeEvents,
    Charges,
    ChallengeFeeApi,
)
