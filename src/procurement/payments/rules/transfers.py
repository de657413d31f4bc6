"""Bank transfers: accounts, when money counts that came on a day, and what the ledger records of statements. Pure."""

from datetime import date, datetime, time
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec
from stdnum import iban as numbers
from stdnum.exceptions import ValidationError

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money
from procurement.kernel.refusal import invalid

LONGEST_HOLDER = 70  # characters, as in ISO 20022 and in the QR code of the EPC


class Account(msgspec.Struct, frozen=True):
    """A bank account: IBAN (ISO 13616) without spaces, and who holds it."""

    iban: str
    holder: str

    @property
    def shown(self) -> str:
        """The number in blocks of four, as banks print it."""
        return numbers.format(self.iban)

    @property
    def masked(self) -> str:
        """Enough of the number to know it again."""
        return f"{self.iban[:4]} … {self.iban[-4:]}"


class RefundAccountChanged(Fact, frozen=True, kw_only=True):
    """An organisation named the account to which its money goes back, or (`named` false) has none any more. The number
    is personal data of some and stays in its table."""

    visible: ClassVar[Visible] = Visible.PARTIES
    organisation: str
    named: bool


class StatementImported(Fact, frozen=True, kw_only=True):
    """A statement of the treasury's account was taken in. `sha256` is that of the file; `added` of its lines are new.
    `opening` and `closing` are None where the file had no balances."""

    visible: ClassVar[Visible] = Visible.NEVER
    statement: str
    sha256: str
    lines: int
    added: int
    opening: Money | None
    closing: Money | None


class BankLineSetAside(Fact, frozen=True, kw_only=True):
    """A movement on the account that is none of this service's: a bank's fee, a payout that is booked already."""

    visible: ClassVar[Visible] = Visible.NEVER
    line: str
    money: Money


class TransfersOrdered(Fact, frozen=True, kw_only=True):
    """These refunds were put into a list for the bank."""

    visible: ClassVar[Visible] = Visible.NEVER
    batch: str
    refunds: list[str]
    money: Money


def account(iban: str, holder: str) -> Account:
    """An account as stored. Refused("form-invalid", 422) names what is wrong."""
    wrong = {}
    written = " ".join(holder.split())
    if not 1 <= len(written) <= LONGEST_HOLDER or not written.isprintable():
        wrong["holder"] = f"Write who holds the account, in at most {LONGEST_HOLDER} characters."
    number = compact(iban)
    if not number:
        wrong["iban"] = "This is no valid IBAN. Copy it from a statement of your bank."
    if wrong:
        raise invalid("Check the account.", **wrong)
    return Account(number, written)


def compact(iban: str) -> str:
    """The number without spaces; "" where its check digits or its length are wrong."""
    try:
        return numbers.validate(iban)
    except ValidationError:
        return ""


def counts_from(booked_on: date, zone: ZoneInfo) -> datetime:
    """Legal time from which money counts that a bank booked on a day: its beginning, since the bank names no hour and
    the payer shall not lose by that."""
    return datetime.combine(booked_on, time(), zone)
