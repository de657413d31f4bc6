"""A charge: what one organisation is asked to pay, and how it stands."""

from datetime import datetime
from typing import Literal, get_args

import msgspec

from procurement.kernel.money import LARGEST, Money
from procurement.kernel.refusal import Refused, invalid
from procurement.payments.rules import references

Purpose = Literal["deposit", "challenge-fee", "order"]
State = Literal["asked", "paid", "returning", "returned", "kept", "cancelled", "disputed"]
Channel = Literal["card", "transfer"]

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
LONGEST_TITLE = 200
LONGEST_REASON = 2000


class Figures(msgspec.Struct, frozen=True):
    """What happened to the money of a charge, in minor units of its currency.

    `paid` is everything that came in. `promised` is to go back (asked, approved or on its way), of `keeping` one
    person wants that it is kept, `disputed` is claimed back by the payer's bank, `returned` and `kept` have left for
    good. `held` is what the treasury still owes.
    """

    amount: int
    paid: int = 0
    promised: int = 0
    keeping: int = 0
    returned: int = 0
    kept: int = 0
    disputed: int = 0

    @property
    def held(self) -> int:
        return self.paid - self.returned - self.kept

    @property
    def free(self) -> int:
        """What of it nobody has claimed yet: what can be given back or kept."""
        return self.held - self.promised - self.keeping - self.disputed

    @property
    def owed(self) -> int:
        """What the payer still has to pay."""
        return max(0, self.amount - self.kept - self.keeping - self.free)

    def excess(self, *, cancelled: bool) -> int:
        """What is held beyond what was asked: all of it once nothing is asked any more."""
        asked = 0 if cancelled else self.amount - self.kept - self.keeping
        return max(0, self.free - asked)


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """What `payer` owes the treasury in favour of `payee` (organisation ids), for `subject` (an id of the stage that
    asked). `process` is the OCID, "" outside of one. `held` is paid, and neither returned nor kept."""

    id: str
    purpose: Purpose
    subject: str
    process: str
    title: str
    payer: str
    payee: str
    amount: Money
    reference: str
    asked_at: datetime
    due: datetime | None
    paid: Money
    promised: Money
    keeping: Money
    returned: Money
    kept: Money
    disputed: Money
    held: Money
    owed: Money
    state: State
    cancelled_at: datetime | None = None

    @property
    def shown_reference(self) -> str:
        return references.shown(self.reference)


def state(figures: Figures, *, cancelled: bool) -> State:
    """In the order of what matters most to whoever looks."""
    if figures.disputed:
        return "disputed"
    if figures.promised:
        return "returning"
    if figures.held:
        return "paid" if figures.held >= figures.amount - figures.kept else "asked"
    if figures.kept:
        return "kept"
    if figures.returned and (cancelled or not figures.owed):
        return "returned"
    return "cancelled" if cancelled else "asked"


def check(purpose: str, title: str, amount: Money) -> str:
    """The title as stored. Refused("amount-invalid", 422), Refused("form-invalid", 422)."""
    if purpose not in PURPOSES:
        raise ValueError(f"nothing is asked for {purpose}")
    must_be_an_amount(amount)
    written = " ".join(title.split())
    if not 1 <= len(written) <= LONGEST_TITLE:
        raise invalid("Say what is paid for.", title=f"Write 1 to {LONGEST_TITLE} characters.")
    return written


def must_be_an_amount(money: Money) -> None:
    """Refused("amount-invalid", 422) for nothing, less than nothing, or more than a database can hold."""
    if not 0 < money.amount <= LARGEST:
        raise Refused("amount-invalid", "The amount must be more than nothing.", status=422)


def must_be_same(charge: Charge, amount: Money) -> None:
    """Who asks again asks for the same. Refused("charge-differs")."""
    if charge.amount != amount:
        raise Refused("charge-differs", f"This was asked already, as {charge.amount}. It is not asked twice.")


def must_be_open(charge: Charge) -> None:
    """Refused("charge-cancelled"), Refused("charge-paid"): whoever would pay now would only get it back."""
    if charge.cancelled_at is not None:
        raise Refused("charge-cancelled", "Nothing is asked here any more. Do not pay it.")
    if not charge.owed.amount:
        raise Refused("charge-paid", "This is paid already. Nothing more is needed.")


def reason(typed: str) -> str:
    """Refused("form-invalid", 422) without a reason: somebody has to understand the decision in years to come."""
    written = typed.strip()
    if not 1 <= len(written) <= LONGEST_REASON:
        words = f"Say why, in at most {LONGEST_REASON} characters."
        raise invalid(words, reason=words)
    return written


def basis(typed: str) -> str:
    """The article or rule that something rests on. Refused("form-invalid", 422) without one."""
    written = " ".join(typed.split())
    if not 1 <= len(written) <= LONGEST_TITLE:
        raise invalid("Name the rule it rests on.", basis="Name the article, like “article 17(1)”.")
    return written
