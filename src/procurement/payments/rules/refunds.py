"""Money that goes back or is kept: what may be asked, and how many people have to decide it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from procurement.kernel.actor import must_be_two
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules.charges import Channel
from procurement.rulebooks.rules import Rulebook

RefundState = Literal["waiting", "approved", "sending", "sent", "failed", "refused"]
ForfeitureState = Literal["waiting", "kept", "refused"]
DECISION = "decision"  # the basis where a person asked
OVERPAID = "overpaid"


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back along the `channel` of its payment. `charge` is "" where the payment belongs to none.

    `asked_by` is a person, "" where a rule ordered it (`basis`). Above the limit two people decide: who asks and who
    approves, or who confirms and who approves where a rule asked. `external` is the channel's own id of it.
    """

    id: str
    charge: str
    payment: str
    channel: Channel
    money: Money
    reason: str
    basis: str
    asked_by: str
    asked_at: datetime
    people: int
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    refused_by: str = ""
    refused_at: datetime | None = None
    refusal: str = ""
    sending_at: datetime | None = None
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    problem: str = ""
    external: str = ""
    state: RefundState = "waiting"

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who has decided for it so far."""
        return tuple(person for person in (self.asked_by, self.confirmed_by, self.approved_by) if person)

    @property
    def missing(self) -> int:
        """How many people still have to decide."""
        return max(0, self.people - len(self.deciders)) if self.state == "waiting" else 0


class Forfeiture(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be kept for good. Two people decide, however small it is."""

    id: str
    charge: str
    money: Money
    reason: str
    basis: str
    asked_by: str
    asked_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None
    refused_by: str = ""
    refused_at: datetime | None = None
    refusal: str = ""
    state: ForfeitureState = "waiting"


class Source(msgspec.Struct, frozen=True):
    """A payment, and what of it is neither returned nor claimed: minor units."""

    payment: str
    free: int


def people_needed(rulebook: Rulebook, money: Money, *, ordered: bool, on_a_word: bool = False) -> int:
    """How many people decide: nobody where a rule ordered a small one, one for a small decision, two for the rest.

    Another currency than the rulebook's has no limit there, so two decide; and so they do, however small it is, over
    money that goes this way on one person's word.
    """
    limit = rulebook.approvals.refund
    if on_a_word or limit is None or money.currency != rulebook.currency or limit.needed(money):
        return 2
    return 0 if ordered else 1


def shares(sources: Sequence[Source], amount: int) -> list[tuple[str, int]]:
    """From which payments so much goes back, the newest first: what came too much came last.

    Refused("refund-too-much") where less is free.
    """
    taken: list[tuple[str, int]] = []
    for source in sources:
        part = min(source.free, amount)
        if part > 0:
            taken.append((source.payment, part))
            amount -= part
    if amount > 0:
        raise too_much()
    return taken


def too_much() -> Refused:
    return Refused(
        "refund-too-much",
        "That is more than is held. The rest was returned, kept or asked back already: look at the charge again.",
        status=422,
        fields={"amount": "More than is held."},
    )


def must_wait(refund: Refund | Forfeiture) -> None:
    """Refused("refund-decided") once somebody has decided."""
    if refund.state != "waiting":
        raise Refused("refund-decided", "This has been decided already. Look at it again.")


def must_be_another(refund: Refund | Forfeiture, person: str) -> None:
    """Refused("same-person", 403) for whoever asked for it or confirmed it."""
    already = refund.deciders if isinstance(refund, Refund) else (refund.asked_by,)
    for other in already:
        must_be_two(other, person)


def must_be_approved(refund: Refund) -> None:
    """Refused("refund-not-approved") before; Refused("refund-failed") after it failed for good."""
    if refund.state == "failed":
        raise Refused("refund-failed", "This refund failed and is owed again. Ask for it anew.")
    if refund.approved_at is None:
        raise Refused("refund-not-approved", "Nobody has approved this refund, so nothing may be sent.")
