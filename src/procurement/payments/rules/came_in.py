"""Money that came in, and money that its payer's bank took back. Pure values."""

from datetime import datetime

import msgspec

from procurement.kernel.money import Money
from procurement.payments.rules.charges import Channel


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in. `charge` is "" while it is unmatched; `free` is neither given back nor claimed."""

    id: str
    charge: str
    channel: Channel
    external: str
    money: Money
    paid_at: datetime
    received_at: datetime
    matched_by: str
    matched_at: datetime | None
    free: Money


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """A payment that its payer's bank took back. `covered` of it is set aside; `won` is null while it is open."""

    id: str
    external: str
    payment: str
    charge: str
    money: Money
    covered: Money
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    won: bool | None
