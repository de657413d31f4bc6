"""Payments in the browser: the treasury's desk, and what each channel and payer adds."""

from litestar.types import ControllerRouterHandler

from procurement.payments.pages import bank, export, receipts, treasury
from procurement.payments.pages.cards import CardPages
from procurement.payments.pages.challenge_fee import ChallengeFeePages
from procurement.payments.pages.own import OwnCharges

ROUTES: tuple[ControllerRouterHandler, ...] = (
    *treasury.ROUTES,
    *bank.ROUTES,
    *receipts.ROUTES,
    *export.ROUTES,
    OwnCharges,
    CardPages,
    ChallengeFeePages,
)
