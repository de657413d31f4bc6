"""What happened to a charge, as one line of events. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from procurement.kernel.money import Money
from procurement.payments.rules.came_in import Dispute, Payment
from procurement.payments.rules.charges import Charge
from procurement.payments.rules.refunds import Forfeiture, Refund


class What(StrEnum):
    """The words people read are in the templates."""

    ASKED = "asked"
    CANCELLED = "cancelled"
    PAID = "paid"
    MATCHED = "matched"
    REFUND_ASKED = "refund-asked"
    REFUND_ORDERED = "refund-ordered"
    REFUND_CONFIRMED = "refund-confirmed"
    REFUND_APPROVED = "refund-approved"
    REFUND_REFUSED = "refund-refused"
    REFUND_SENT = "refund-sent"
    REFUND_FAILED = "refund-failed"
    FORFEITURE_ASKED = "forfeiture-asked"
    FORFEITED = "forfeited"
    FORFEITURE_REFUSED = "forfeiture-refused"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute-won"
    DISPUTE_LOST = "dispute-lost"


class Event(msgspec.Struct, frozen=True):
    """`by` is a person, "" for the system; `said` what they wrote; `channel` "" where none carried it."""

    at: datetime
    what: What
    money: Money
    by: str = ""
    said: str = ""
    channel: str = ""


def timeline(
    charge: Charge,
    payments: Iterable[Payment],
    refunds: Iterable[Refund],
    forfeitures: Iterable[Forfeiture],
    disputes: Iterable[Dispute],
) -> tuple[Event, ...]:
    """Every event of a charge, the oldest first."""
    events = [Event(charge.asked_at, What.ASKED, charge.amount)]
    if charge.cancelled_at:
        events.append(Event(charge.cancelled_at, What.CANCELLED, charge.amount))
    for paid in payments:
        events.append(Event(paid.paid_at, What.PAID, paid.money, channel=paid.channel))
        if paid.matched_at:
            events.append(Event(paid.matched_at, What.MATCHED, paid.money, paid.matched_by))
    for refund in refunds:
        events += _of_refund(refund)
    for kept in forfeitures:
        events += _of_forfeiture(kept)
    for dispute in disputes:
        events.append(Event(dispute.opened_at, What.DISPUTED, dispute.money, said=dispute.reason))
        if dispute.closed_at:
            end = What.DISPUTE_WON if dispute.won else What.DISPUTE_LOST
            events.append(Event(dispute.closed_at, end, dispute.money))
    return tuple(sorted(events, key=lambda event: event.at))


def _of_refund(refund: Refund) -> Iterator[Event]:
    money = refund.money
    begun = What.REFUND_ASKED if refund.asked_by else What.REFUND_ORDERED
    yield Event(refund.asked_at, begun, money, refund.asked_by, refund.reason)
    if refund.confirmed_at:
        yield Event(refund.confirmed_at, What.REFUND_CONFIRMED, money, refund.confirmed_by)
    if refund.approved_at:
        yield Event(refund.approved_at, What.REFUND_APPROVED, money, refund.approved_by)
    if refund.refused_at:
        yield Event(refund.refused_at, What.REFUND_REFUSED, money, refund.refused_by, refund.refusal)
    if refund.sent_at:
        yield Event(refund.sent_at, What.REFUND_SENT, money, channel=refund.channel)
    if refund.failed_at:
        yield Event(refund.failed_at, What.REFUND_FAILED, money, said=refund.problem, channel=refund.channel)


def _of_forfeiture(kept: Forfeiture) -> Iterator[Event]:
    yield Event(kept.asked_at, What.FORFEITURE_ASKED, kept.money, kept.asked_by, kept.reason)
    if kept.approved_at:
        yield Event(kept.approved_at, What.FORFEITED, kept.money, kept.approved_by)
    if kept.refused_at:
        yield Event(kept.refused_at, What.FORFEITURE_REFUSED, kept.money, kept.refused_by, kept.refusal)
