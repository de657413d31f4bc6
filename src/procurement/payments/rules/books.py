"""Double entry: what each event does to which accounts. Debits are positive, credits negative; an entry sums to zero.

A party is whose part of an account it is: a charge's, a payment's, a refund's or a dispute's id, "" where there is one
pot. Nothing is booked for what is only asked: no money has moved.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

import msgspec

from procurement.kernel.money import Money
from procurement.payments.rules.charges import Channel


class Account(StrEnum):
    CARD_BALANCE = "card-balance"  # what the card processor holds for us
    BANK = "bank"
    DISPUTED = "disputed"  # taken back by a payer's bank until it is decided
    HELD = "held"  # owed to the payer until it is returned or kept
    UNMATCHED = "unmatched"  # owed to whoever paid without saying for what
    UNDER_WAY = "refunds-under-way"  # approved, not yet gone
    FEES = "fees"
    FORFEITED = "forfeited"
    COSTS = "processing-costs"
    LOSSES = "losses"  # a dispute lost over money that had left already


Place: TypeAlias = tuple[Account, str]
"""An account and whose part of it."""


class Balance(msgspec.Struct, frozen=True):
    """What stands in an account: a debit above zero, a credit below."""

    account: Account
    money: Money


class Sheet(msgspec.Struct, frozen=True):
    """The accounts of one currency by the side on which they stand, without signs. Both sides sum to `total`."""

    currency: str
    debits: tuple[tuple[Account, Money], ...]
    credits: tuple[tuple[Account, Money], ...]
    total: Money


class Posting(msgspec.Struct, frozen=True):
    account: Account
    party: str
    money: Money


Entry: TypeAlias = tuple[Posting, ...]

MONEY: dict[Channel, Place] = {"card": (Account.CARD_BALANCE, ""), "transfer": (Account.BANK, "")}


def owed_to(charge: str | None, payment: str) -> Place:
    """Where the treasury's debt for a payment stands: with its charge, or unmatched."""
    return (Account.HELD, charge) if charge else (Account.UNMATCHED, payment)


def moved(money: Money, *, debit: Place, credit: Place) -> Entry:
    return Posting(*debit, money), Posting(*credit, money * -1)


def received(channel: Channel, payment: str, charge: str | None, money: Money) -> Entry:
    return moved(money, debit=MONEY[channel], credit=owed_to(charge, payment))


def matched(payment: str, charge: str, money: Money) -> Entry:
    return moved(money, debit=(Account.UNMATCHED, payment), credit=(Account.HELD, charge))


def refund_under_way(refund: str, payment: str, charge: str | None, money: Money) -> Entry:
    return moved(money, debit=owed_to(charge, payment), credit=(Account.UNDER_WAY, refund))


def refund_sent(refund: str, channel: Channel, money: Money) -> Entry:
    return moved(money, debit=(Account.UNDER_WAY, refund), credit=MONEY[channel])


def refund_failed(refund: str, channel: Channel, owed: Place, money: Money, *, had_gone: bool) -> Entry:
    """Owed again, out of what was under way, or out of what had gone and came back."""
    return moved(money, debit=MONEY[channel] if had_gone else (Account.UNDER_WAY, refund), credit=owed)


def forfeited(charge: str, money: Money) -> Entry:
    return moved(money, debit=(Account.HELD, charge), credit=(Account.FORFEITED, charge))


def earned(charge: str, money: Money) -> Entry:
    return moved(money, debit=(Account.HELD, charge), credit=(Account.FEES, charge))


def dispute_opened(dispute: str, channel: Channel, money: Money) -> Entry:
    return moved(money, debit=(Account.DISPUTED, dispute), credit=MONEY[channel])


def dispute_won(dispute: str, channel: Channel, money: Money) -> Entry:
    return moved(money, debit=MONEY[channel], credit=(Account.DISPUTED, dispute))


def dispute_lost(dispute: str, owed: Place, money: Money, covered: int) -> Entry:
    """The payer has `covered` of it back that the treasury owed; the rest had left before, and is a loss."""
    parts = ((owed, covered), ((Account.LOSSES, dispute), money.amount - covered))
    debits = tuple(Posting(*place, Money(amount, money.currency)) for place, amount in parts if amount)
    return (*debits, Posting(Account.DISPUTED, dispute, money * -1))


def loss_made_good(dispute: str, owed: Place, money: Money) -> Entry:
    """Money that the dispute was lost over had not left: it is no longer owed, and no loss."""
    return moved(money, debit=owed, credit=(Account.LOSSES, dispute))


def paid_out(money: Money) -> Entry:
    return moved(money, debit=MONEY["transfer"], credit=MONEY["card"])


def payout_failed(money: Money) -> Entry:
    return moved(money, debit=MONEY["card"], credit=MONEY["transfer"])


def processing_cost(money: Money) -> Entry:
    return moved(money, debit=(Account.COSTS, ""), credit=MONEY["card"])


def sheets(balances: Sequence[Balance]) -> list[Sheet]:
    """One sheet a currency; accounts in which nothing stands are left out."""
    made = []
    for currency in dict.fromkeys(one.money.currency for one in balances):
        ours = [one for one in balances if one.money.currency == currency]
        debits = tuple((one.account, one.money) for one in ours if one.money.amount > 0)
        credits_ = tuple((one.account, one.money * -1) for one in ours if one.money.amount < 0)
        total = Money(sum(money.amount for _, money in debits), currency)
        made.append(Sheet(currency, debits, credits_, total))
    return made
