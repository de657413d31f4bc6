"""Payments for programs."""

from procurement.payments.api.challenge_fee import ChallengeFeeApi

ROUTES = (ChallengeFeeApi,)
