"""The port to whoever takes cards for us. Nothing of a card ever passes through here: only ids, states and money.

What is read of the other side is always fetched anew; a notice from there only says where to look.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused


class Kind(StrEnum):
    """What can be looked at, on the other side."""

    SESSION = "session"  # a payment page for one person
    INTENT = "intent"  # one payment, from being asked for to its money
    REFUND = "refund"
    REFUNDS = "refunds"  # every refund of one intent
    DISPUTE = "dispute"
    PAYOUT = "payout"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the other side. `charge` and `attempt` are our ids: the same pair is done once, ever.

    `said` is read on the payment page and on nothing else; `back` is our page that the browser returns to.
    """

    charge: str
    attempt: int
    money: Money
    said: str = ""
    back: str = ""
    until: datetime | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A payment page. `state` is open, complete or expired; `intent` is "" until somebody pays there."""

    id: str
    state: str
    url: str
    intent: str
    charge: str
    attempt: int
    until: datetime


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """One payment; `at` is when the card was charged, once it was.

    `state` is waiting, processing, paid, failed or cancelled; `money` is what was received once it is paid, else what
    is asked. `charge` is "" for what is none of ours. `secret` is told when it is made, never again.
    """

    id: str
    state: str
    money: Money
    charge: str
    attempt: int
    at: datetime
    secret: str = ""
    problem: str = ""


class SentBack(msgspec.Struct, frozen=True, kw_only=True):
    """One refund there. `state` is pending, sent or failed; `refund` is our id, "" for what is none of ours."""

    id: str
    state: str
    money: Money
    intent: str
    refund: str
    at: datetime
    problem: str = ""


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """The bank of a card's holder wants the money back. `state` is open, won or lost, seen from here.

    `taken` says whether the money has been withdrawn; an inquiry withdraws none.
    """

    id: str
    state: str
    money: Money
    intent: str
    taken: bool
    at: datetime


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """Money sent on to our bank account. `state` is pending, paid or failed."""

    id: str
    state: str
    money: Money
    at: datetime


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the balance there. `kind` is in their words; `source` is the intent, refund, dispute or payout that
    it is about where that is known, else their id of it. `fee` is never negative, `money` is signed."""

    id: str
    kind: str
    source: str
    money: Money
    fee: Money
    at: datetime


class Account(msgspec.Struct, frozen=True):
    """Whose key it is. `cards` says whether payments by card are allowed to it."""

    id: str
    cards: bool


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """A notice whose signature was good. `kind` is None for what does not concern us."""

    id: str
    type: str
    kind: Kind | None
    object: str
    live: bool
    account: str
    at: datetime


@runtime_checkable  # handlers are given it by this name
class Cards(Protocol):
    """Everything that is asked of the other side. Each call ends within seconds.

    Refused("card-unreachable", 503): nobody answered, or not in time; asking again with the same ids does nothing
    twice. Refused("card-refused", 409): it was understood and will not be done. Refused("card-currency-unsupported",
    422) before anything is asked. What is not there is None.
    """

    live: bool

    async def open_session(self, order: Order) -> Session: ...

    async def close_session(self, session: str) -> None:
        """Nobody can pay there any more; nothing happens where that is so already."""

    async def session(self, session: str) -> Session | None: ...

    async def open_intent(self, order: Order) -> Intent: ...

    async def close_intent(self, intent: str) -> None:
        """Like `close_session`."""

    async def intent(self, intent: str) -> Intent | None: ...

    async def send_refund(self, refund: str, intent: str, money: Money) -> SentBack: ...

    async def refund(self, refund: str) -> SentBack | None: ...

    async def refunds_of(self, intent: str) -> list[SentBack]: ...

    async def dispute(self, dispute: str) -> Dispute | None: ...

    async def payout(self, payout: str) -> Payout | None: ...

    async def account(self) -> Account: ...

    def intents(self, since: datetime, until: datetime) -> AsyncIterator[Intent]: ...

    def refunds(self, since: datetime, until: datetime) -> AsyncIterator[SentBack]: ...

    def movements(self, since: datetime, until: datetime) -> AsyncIterator[Movement]: ...

    async def close(self) -> None: ...


def unreachable() -> Refused:
    """Nothing was charged: whoever asks again with the same ids is answered what became of the first time."""
    return Refused(
        "card-unreachable",
        "Card payment is not reachable at this moment. Nothing was charged. Pay by bank transfer, or try again in a "
        "few minutes.",
        status=503,
    )


def absent() -> Refused:
    """No keys were configured: the card option is nowhere."""
    return Refused("card-absent", "Cards are not taken here. Pay by bank transfer.", status=404)
