"""Amounts as people type them into a search: 500000, 500.000, €500 000, 500k, 0.5m, 1,2 Mio."""

import re
import unicodedata
from decimal import Decimal

from babel.numbers import is_currency

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused, invalid

ANY_CURRENCY = "XXX"  # ISO 4217's word for none: amounts are compared as each notice gives them
THOUSANDS = re.compile(r"[1-9][0-9]{0,2}([.,][0-9]{3})+")  # “500,000”: nobody searches to a thousandth
PARTS = re.compile(r"(\D*?)([0-9](?:[0-9.,\s\u2019']*[0-9])?)(\D*)")
TIMES = (
    dict.fromkeys(("k", "tsd", "thousand"), 10**3)
    | dict.fromkeys(("m", "mio", "mln", "mn", "million", "millions"), 10**6)
    | dict.fromkeys(("bn", "mrd"), 10**9)  # “billion” is a thousand times as much in some languages
)


def understood(text: str) -> Decimal | None:
    """How much is meant, whatever currency stands beside it; None for what is no amount."""
    parts = PARTS.fullmatch(text)
    if parts is None:
        return None
    before, figures, after = parts.groups()
    times = [TIMES[word] for word in _words(after) if word in TIMES]
    others = [*_words(before), *(word for word in _words(after) if word not in TIMES)]
    if len(times) > 1 or len(others) > 1 or not all(_is_currency(word) for word in others):
        return None
    if not times and THOUSANDS.fullmatch(figures):
        figures = "".join(filter(str.isdigit, figures))
    try:
        money = Money.parse(figures, ANY_CURRENCY)
        amount = Money.of(money.decimal() * (times[0] if times else 1), ANY_CURRENCY).decimal()
    except Refused:
        return None
    return amount.to_integral_value() if amount == amount.to_integral_value() else amount


def minor(name: str, text: str) -> int | None:
    """The same in hundredths, as a search compares it; None where nothing was typed. Refused("form-invalid", 422)."""
    if not text:
        return None
    amount = understood(text)
    if amount is None:
        said = f"“{text}” is no amount. Write it like 500000, 500k or 1.2m."
        raise invalid("Check the amount.", **{name: said})
    return Money.of(amount, ANY_CURRENCY).amount


def _words(text: str) -> list[str]:
    """Words and signs, without the full stops of abbreviations."""
    return [word.casefold() for word in re.findall(r"[^\W\d_]+|[^\w\s]", text) if word != "."]


def _is_currency(word: str) -> bool:
    return unicodedata.category(word[0]) == "Sc" or is_currency(word.upper())
