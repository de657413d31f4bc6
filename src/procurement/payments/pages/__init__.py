"""Payments in the browser: the treasury's desk, and what each channel and payer adds."""

from procurement.payments.pages.challenge_fee import ChallengeFeePages

ROUTES = (ChallengeFeePages,)
