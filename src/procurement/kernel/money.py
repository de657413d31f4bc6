"""Money: whole minor units and a currency, never a float."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Self

import msgspec

from procurement.kernel.refusal import invalid

_TWO = 2  # ISO 4217: every currency has two decimals but these
_OTHERS = {0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 3: "BHD IQD JOD KWD LYD OMR TND"}
MINOR_DIGITS = {code: digits for digits, codes in _OTHERS.items() for code in codes.split()}
FARTHEST = 20  # decimal places from the point; what is farther is no amount of anything
TWO_WAYS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")  # “500,000”: a thousand times as much to one reader as to another
LARGEST = 10**15  # minor units; PostgreSQL's bigint and JavaScript's exact integers both hold it


def minor_digits(currency: str) -> int:
    """How many decimals the currency has (ISO 4217)."""
    return MINOR_DIGITS.get(currency, _TWO)


class Money(msgspec.Struct, frozen=True, order=False):
    """An amount in minor units (cents) of a currency (ISO 4217 code)."""

    amount: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read what a person typed: "1240.50", "1 240,50" or "1,240.50". Refused("form-invalid") otherwise, and for
        what is a thousand times as much to other readers."""
        plain = "".join(text.split()).replace("\u2019", "").replace("'", "")
        if TWO_WAYS.fullmatch(plain) and minor_digits(currency) < 3:
            raise invalid(f"“{text}” can be read in two ways. Write {re.sub('[.,]', '', plain)}, or with its decimals.")
        if "," in plain and "." in plain:
            plain = plain.replace("," if plain.rindex(".") > plain.rindex(",") else ".", "")
        plain = plain.replace(",", ".")
        try:
            value = Decimal(plain)
        except InvalidOperation:
            raise invalid(f"“{text}” is not an amount. Write it like 1240.50.") from None
        return cls.of(value, currency)

    @classmethod
    def of(cls, value: Decimal, currency: str) -> Self:
        """From major units; an amount finer than the currency's minor unit is refused, not rounded."""
        # An exponent like 1e-9999999 is told before it is reckoned with: that would round it to nothing.
        plain = value.is_finite() and abs(value.adjusted()) <= FARTHEST
        minor = value.scaleb(minor_digits(currency)) if plain else Decimal("NaN")
        if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) > LARGEST:
            raise invalid(f"An amount in {currency} has at most {minor_digits(currency)} decimals and 15 digits.")
        return cls(int(minor), currency)

    @classmethod
    def rounded(cls, value: Decimal, currency: str) -> Self:
        """From major units, rounded half up to the minor unit (EN 16931)."""
        return cls(int(value.scaleb(minor_digits(currency)).quantize(Decimal(1), ROUND_HALF_UP)), currency)

    def decimal(self) -> Decimal:
        return Decimal(self.amount).scaleb(-minor_digits(self.currency))

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be combined")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money.rounded(self.decimal() * factor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __str__(self) -> str:
        return f"{self.decimal():f} {self.currency}"
