"""Paying by card: what is recorded of an attempt, how long it lasts, and which money is whose."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused

Way = Literal["page", "program"]

LASTS = timedelta(hours=1)  # Stripe takes half an hour to a day
MARGIN = timedelta(minutes=5)  # with less left, nobody is sent to a page again


class CardPaymentBegun(Fact, frozen=True, kw_only=True):
    """An attempt to pay by card. What came of it is told by the money: PaymentReceived."""

    visible: ClassVar[Visible] = Visible.PARTIES
    charge: str
    attempt: int
    money: Money


class CardPaymentEnded(Fact, frozen=True, kw_only=True):
    """This attempt can no longer be paid: it ran out, was replaced, or the charge is paid otherwise."""

    visible: ClassVar[Visible] = Visible.PARTIES
    charge: str
    attempt: int


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is opening, open, paid or over. `problem` is why the card's bank said no last, in its short words."""

    charge: str
    number: int
    way: Way
    money: Money
    state: str
    external: str
    intent: str
    problem: str
    until: datetime

    @property
    def under_way(self) -> bool:
        return self.state in ("opening", "open")


def can_go_on(attempt: Attempt, way: Way, owed: Money, now: datetime) -> bool:
    """Whether whoever pays now is sent to the same page: the same amount, and time enough. A program is told the
    secret of its payment once, so that each of its attempts is a new one."""
    return attempt.way == way == "page" and attempt.money == owed and attempt.until - now > MARGIN


def is_of(attempt: Attempt | None, intent: str, money: Money) -> bool:
    """Whether this payment is the one that the attempt began: what is written beside a payment proves nothing."""
    return attempt is not None and attempt.intent == intent and attempt.money == money


def processing() -> Refused:
    return Refused(
        "card-processing",
        "This was paid by card a moment ago, and the bank is still working on it. You need not pay again. Look again "
        "in a few minutes.",
    )
