"""Receipts: one for each payment and each refund. Pure.

Each has a number of the treasury's register, without gaps within a year, and a name that stands on it. The name counts
within its charge: a payer who saw two numbers of the register would know how many others paid in between, and so bid.
"""

from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money

Kind = Literal["payment", "refund"]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A document that says that money came in, or went back. `subject` is the id of the payment or refund, `book_key`
    names the entry in the books, `document_sha256` is that of the PDF."""

    id: str
    name: str
    year: int
    number: int
    kind: Kind
    subject: str
    charge: str
    payer: str
    money: Money
    book_key: str
    document_sha256: str
    document_size: int
    issued_at: datetime

    @property
    def registered(self) -> str:
        """The number in the register, for the treasury alone: "2026-000123"."""
        return registered(self.year, self.number)


class ReceiptIssued(Fact, frozen=True, kw_only=True):
    """A receipt was written. It names no procurement: who paid a deposit is who bids."""

    visible: ClassVar[Visible] = Visible.PARTIES
    receipt: str
    number: str
    kind: str
    subject: str
    charge: str
    money: Money
    document_sha256: str


def name_of(reference: str, place: int) -> str:
    """What stands on a receipt, the first of its charge, the second…: "RF18539007547034-1"."""
    return f"{reference}-{place}"


def registered(year: int, number: int) -> str:
    return f"{year}-{number:06}"
