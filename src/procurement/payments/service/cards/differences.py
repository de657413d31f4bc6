"""Where our books and those of the card service differ: listed for the treasury until somebody has looked at it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.cards import CardDifference

Kind = Literal["missing-here", "missing-there", "other-amount", "not-ours", "refused"]
MOST = 200  # in one list


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """`object` is the id there. `healed` says that it is booked here by now. `found_at` is legal time."""

    kind: str
    object: str
    money: Money
    found_at: datetime
    healed: bool


async def put(tx: Tx, kind: Kind, name: str, money: Money, *, healed: bool = False) -> bool:
    """Whether it was not known before."""
    row = {
        "kind": kind, "object": name, "amount": money.amount, "currency": money.currency, "found_at": tx.now,
        "healed": healed,
    }  # fmt: skip
    stored = insert(CardDifference).values(row).on_conflict_do_nothing().returning(CardDifference.object)
    return await tx.session.scalar(stored) is not None


async def listed(tx: Tx) -> Sequence[Difference]:
    """What nobody has looked at, the newest first. Refused("not-permitted", 403) for all but the treasury."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    query = select(CardDifference).where(CardDifference.closed_at.is_(None)).order_by(CardDifference.found_at.desc())
    return [
        Difference(
            kind=row.kind,
            object=row.object,
            money=Money(row.amount, row.currency),
            found_at=row.found_at,
            healed=row.healed,
        )
        for row in await tx.session.scalars(query.limit(MOST))
    ]


async def close(tx: Tx, kind: str, name: str) -> None:
    """Somebody of the treasury has looked at it. Refused("difference-unknown", 404) where it is closed already."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    mine = (CardDifference.kind == kind) & (CardDifference.object == name) & CardDifference.closed_at.is_(None)
    closed = update(CardDifference).where(mine).values(closed_at=tx.now, closed_by=tx.actor.person)
    if await tx.session.scalar(closed.returning(CardDifference.object)) is None:
        raise unknown("difference")
