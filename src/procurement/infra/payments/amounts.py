"""Amounts as Stripe counts them, which is not everywhere ISO 4217. Source: https://docs.stripe.com/currencies

Stripe knows fifteen currencies without decimals and five with three, whose last digit must be 0; ISK is counted with
two decimals that must be 00 (https://support.stripe.com/questions/deprecation-of-fractional-isk-charges-and-refunds).
"""

from procurement.kernel.money import LARGEST, Money, minor_digits
from procurement.kernel.refusal import Refused

_ZERO = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip
_THREE = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# UGX is told there both without decimals and with two; the others Stripe does not take.
_NOT_TAKEN = frozenset({"IQD", "LYD", "UGX", "UYI"})
_STEP = {"ISK": 100} | dict.fromkeys(_THREE, 10)


def to_stripe(money: Money) -> tuple[int, str]:
    """The whole number and the lower-case code that Stripe is told.

    Refused("card-currency-unsupported", 422) for a currency or an amount that cannot be told exactly: nothing is ever
    rounded.
    """
    digits = _digits(money.currency)
    scaled, rest = divmod(money.amount * 10**digits, 10 ** minor_digits(money.currency))
    if money.currency in _NOT_TAKEN or rest or scaled % _STEP.get(money.currency, 1) or not 0 < scaled <= LARGEST:
        raise Refused(
            "card-currency-unsupported",
            f"{money} cannot be paid by card. Pay this amount by bank transfer.",
            status=422,
        )
    return scaled, money.currency.lower()


def from_stripe(amount: int, currency: str) -> Money:
    """What Stripe told, in our minor units. ValueError when it is not a whole number of these."""
    code = currency.upper()
    minor, rest = divmod(amount * 10 ** minor_digits(code), 10 ** _digits(code))
    if rest:
        raise ValueError(f"{amount} {code} of Stripe is no whole number of minor units")
    return Money(minor, code)


def _digits(currency: str) -> int:
    return 0 if currency in _ZERO else 3 if currency in _THREE else 2
