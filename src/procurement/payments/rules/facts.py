"""What the ledger records of money. No content is public: who paid a deposit is who bids. Reasons, which people write
in their own words, stay in the tables; `charge` is "" for money that belongs to no charge yet."""

from typing import ClassVar

from procurement.kernel.fact import Fact, Visible
from procurement.kernel.money import Money


class ChargeAsked(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    charge: str
    purpose: str
    subject: str
    payer: str
    payee: str
    money: Money
    reference: str


class ChargeCancelled(Fact, frozen=True, kw_only=True):
    """Nothing is asked any more; whatever is still paid goes back."""

    visible: ClassVar[Visible] = Visible.PARTIES
    charge: str


class PaymentReceived(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    payment: str
    charge: str
    channel: str
    money: Money


class PaymentMatched(Fact, frozen=True, kw_only=True):
    """Money that had come without a charge belongs to this one."""

    visible: ClassVar[Visible] = Visible.PARTIES
    payment: str
    charge: str
    money: Money


class RefundAsked(Fact, frozen=True, kw_only=True):
    """`basis` names the rule or event that orders it, or "decision" where a person did."""

    visible: ClassVar[Visible] = Visible.PARTIES
    refund: str
    charge: str
    payment: str
    money: Money
    basis: str


class RefundConfirmed(Fact, frozen=True, kw_only=True):
    """The first of two people confirmed a refund that a rule ordered."""

    visible: ClassVar[Visible] = Visible.PARTIES
    refund: str


class RefundApproved(Fact, frozen=True, kw_only=True):
    """From here on its channel carries it out."""

    visible: ClassVar[Visible] = Visible.PARTIES
    refund: str
    charge: str
    payment: str
    channel: str
    money: Money


class RefundRefused(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    refund: str


class RefundSent(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    refund: str
    charge: str
    money: Money


class RefundFailed(Fact, frozen=True, kw_only=True):
    """It could not be sent, or came back: the treasury owes it again."""

    visible: ClassVar[Visible] = Visible.PARTIES
    refund: str
    charge: str
    money: Money


class ForfeitureAsked(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    forfeiture: str
    charge: str
    money: Money


class DepositForfeited(Fact, frozen=True, kw_only=True):
    """Two people decided that it is kept."""

    visible: ClassVar[Visible] = Visible.PARTIES
    forfeiture: str
    charge: str
    money: Money


class ForfeitureRefused(Fact, frozen=True, kw_only=True):
    visible: ClassVar[Visible] = Visible.PARTIES
    forfeiture: str


class FeeEarned(Fact, frozen=True, kw_only=True):
    """A fee that was held until the decision is kept."""

    visible: ClassVar[Visible] = Visible.PARTIES
    charge: str
    money: Money
    basis: str


class DisputeOpened(Fact, frozen=True, kw_only=True):
    """The payer's bank took the money back, until it is decided who has it."""

    visible: ClassVar[Visible] = Visible.PARTIES
    dispute: str
    payment: str
    charge: str
    money: Money


class DisputeClosed(Fact, frozen=True, kw_only=True):
    """`won`: it came back to the treasury."""

    visible: ClassVar[Visible] = Visible.PARTIES
    dispute: str
    charge: str
    money: Money
    won: bool


class LossMadeGood(Fact, frozen=True, kw_only=True):
    """A dispute was lost over money that seemed to have left, and it had not."""

    visible: ClassVar[Visible] = Visible.PARTIES
    dispute: str
    charge: str
    money: Money


class PayoutMade(Fact, frozen=True, kw_only=True):
    """The card processor sent its balance to the bank account."""

    visible: ClassVar[Visible] = Visible.PARTIES
    payout: str
    money: Money


class PayoutFailed(Fact, frozen=True, kw_only=True):
    """The bank did not take it: it is in the processor's balance again."""

    visible: ClassVar[Visible] = Visible.PARTIES
    payout: str
    money: Money


class ProcessingCostBooked(Fact, frozen=True, kw_only=True):
    """What the processor took for its work; less than nothing where it gave some back."""

    visible: ClassVar[Visible] = Visible.PARTIES
    cost: str
    money: Money


MOVING: tuple[type[Fact], ...] = (
    PaymentReceived,
    PaymentMatched,
    RefundApproved,
    RefundSent,
    RefundFailed,
    DepositForfeited,
    FeeEarned,
    DisputeOpened,
    DisputeClosed,
    LossMadeGood,
    PayoutMade,
    PayoutFailed,
    ProcessingCostBooked,
)
"""Facts that move money: each has exactly one entry in the books, of the same amount."""
