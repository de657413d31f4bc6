"""What happened to the money of one charge, in the order in which it counts: what its payer and the treasury read."""

from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.payments.rules.came_in import Payment
from procurement.payments.rules.charges import Channel, Charge
from procurement.payments.rules.refunds import Forfeiture, Refund
from procurement.payments.service import store
from procurement.payments.service.waiting import payments_where, refunds_where
from procurement.payments.tables.charges import ForfeitureRow, PaymentRow, RefundRow

Kind = Literal["received", "waiting", "returning", "returned", "failed", "kept"]


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in, goes back or was kept. `at` is from when it counts; `waiting` has not been decided yet.

    `id` is that of the payment, refund or forfeiture; `channel` "" where money stays; `reason` and `basis` (an article,
    or "decision") say why it goes back or is kept.
    """

    at: datetime
    kind: Kind
    id: str
    money: Money
    channel: Channel | Literal[""] = ""
    reason: str = ""
    basis: str = ""


async def movements(tx: Tx, of: Charge) -> list[Movement]:
    """For whoever was given the charge. Refunds that somebody refused are not among them: nothing moved."""
    payments = await payments_where(tx, PaymentRow.charge_id == of.id)
    refunds = await refunds_where(tx, RefundRow.charge_id == of.id, RefundRow.refused_at.is_(None))
    kept = ForfeitureRow.charge_id == of.id, ForfeitureRow.approved_at.is_not(None)
    rows = await tx.session.scalars(select(ForfeitureRow).where(*kept))
    found = [*map(_received, payments), *map(_going_back, refunds), *map(_kept, map(store.forfeiture, rows))]
    # Banks name days, no hours: what came and went on the same day came first.
    return sorted(found, key=lambda one: (one.at, one.kind != "received", one.id))


def _received(payment: Payment) -> Movement:
    return Movement(at=payment.paid_at, kind="received", id=payment.id, money=payment.money, channel=payment.channel)


def _going_back(refund: Refund) -> Movement:
    kinds: dict[str, Kind] = {"waiting": "waiting", "sent": "returned", "failed": "failed"}
    return Movement(
        at=refund.sent_at or refund.failed_at or refund.approved_at or refund.asked_at,
        kind=kinds.get(refund.state, "returning"),
        id=refund.id,
        money=refund.money,
        channel=refund.channel,
        reason=refund.reason,
        basis=refund.basis,
    )


def _kept(one: Forfeiture) -> Movement:
    return Movement(
        at=one.approved_at or one.asked_at, kind="kept", id=one.id, money=one.money, reason=one.reason, basis=one.basis
    )
