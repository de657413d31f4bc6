"""What waits for the treasury: decisions of a second person, money nobody knows, refunds that failed, disputes."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.payments.rules.came_in import Dispute, Payment
from procurement.payments.rules.refunds import Forfeiture, Refund
from procurement.payments.service import store
from procurement.payments.service.permitted import treasury
from procurement.payments.tables.charges import ChargeRow, DisputeRow, ForfeitureRow, PaymentRow, RefundRow

MOST = 50  # of each kind: the oldest first


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """At most fifty of each, the oldest first. `failed` are refunds that nobody has asked for again."""

    refunds: tuple[Refund, ...]
    forfeitures: tuple[Forfeiture, ...]
    unmatched: tuple[Payment, ...]
    failed: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]

    @property
    def nothing(self) -> bool:
        return not (self.refunds or self.forfeitures or self.unmatched or self.failed or self.disputes)


async def waiting(tx: Tx) -> Waiting:
    """Refused("not-permitted", 403) for whoever is no treasurer."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return Waiting(
        refunds=await refunds_where(tx, *_undecided()),
        forfeitures=tuple(
            store.forfeiture(row)
            for row in await tx.session.scalars(
                select(ForfeitureRow)
                .where(ForfeitureRow.approved_at.is_(None), ForfeitureRow.refused_at.is_(None))
                .order_by(ForfeitureRow.asked_at, ForfeitureRow.id)
                .limit(MOST)
            )
        ),
        unmatched=await _unmatched(tx),
        failed=await _failed(tx),
        disputes=await _disputes(tx, DisputeRow.closed_at.is_(None)),
    )


async def refund(tx: Tx, refund_id: str) -> Refund:
    """One refund. Refused("refund-unknown", 404)."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    found = await refunds_where(tx, RefundRow.id == refund_id)
    if not found:
        raise unknown("refund")
    return found[0]


async def forfeiture(tx: Tx, forfeiture_id: str) -> Forfeiture:
    """One forfeiture. Refused("forfeiture-unknown", 404)."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    row = await tx.session.get(ForfeitureRow, forfeiture_id, populate_existing=True)
    if row is None:
        raise unknown("forfeiture")
    return store.forfeiture(row)


async def payment(tx: Tx, payment_id: str) -> Payment:
    """One payment. Refused("payment-unknown", 404)."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    row = await tx.session.get(PaymentRow, payment_id, populate_existing=True)
    if row is None:
        raise unknown("payment")
    return payment_of(row)


async def refunds_of(tx: Tx, payment_id: str) -> tuple[Refund, ...]:
    """Every refund of one payment, the oldest first."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return await refunds_where(tx, RefundRow.payment_id == payment_id)


async def refunds_where(tx: Tx, *which: Any) -> tuple[Refund, ...]:
    query = select(RefundRow, PaymentRow.channel).join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
    return await _refunds(tx, query.where(*which).order_by(RefundRow.asked_at, RefundRow.id).limit(MOST))


async def payments_where(tx: Tx, *which: Any) -> tuple[Payment, ...]:
    query = select(PaymentRow).where(*which).order_by(PaymentRow.received_at, PaymentRow.id).limit(MOST)
    rows = await tx.session.scalars(query.execution_options(populate_existing=True))
    return tuple(payment_of(row) for row in rows)


async def disputes_of(tx: Tx, payments: Sequence[str]) -> tuple[Dispute, ...]:
    return await _disputes(tx, DisputeRow.payment_id.in_(payments))


def payment_of(row: PaymentRow) -> Payment:
    return Payment(
        id=row.id,
        charge=row.charge_id or "",
        channel=row.channel,  # type: ignore[arg-type]  # the table checks it
        external=row.external,
        money=Money(row.amount, row.currency),
        paid_at=row.paid_at,
        received_at=row.received_at,
        matched_by=row.matched_by or "",
        matched_at=row.matched_at,
        free=Money(row.amount - row.claimed - row.returned, row.currency),
    )


def _undecided() -> tuple[Any, ...]:
    """The words of the index over what is open, so that it is used."""
    open_ = RefundRow.sent_at.is_(None), RefundRow.refused_at.is_(None), RefundRow.failed_at.is_(None)
    return *open_, RefundRow.approved_at.is_(None)


async def _unmatched(tx: Tx) -> tuple[Payment, ...]:
    free = PaymentRow.amount > PaymentRow.claimed + PaymentRow.returned
    return await payments_where(tx, PaymentRow.charge_id.is_(None), free)


async def _failed(tx: Tx) -> tuple[Refund, ...]:
    """What failed and is still there to be given back: neither asked back again nor kept."""
    free = PaymentRow.amount - PaymentRow.claimed - PaymentRow.returned
    row = ChargeRow
    left = row.paid - row.promised - row.keeping - row.returned - row.kept - row.disputed
    query = (
        select(RefundRow, PaymentRow.channel)
        .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
        .outerjoin(ChargeRow, ChargeRow.id == RefundRow.charge_id)
        .where(RefundRow.failed_at.is_not(None), free >= RefundRow.amount)
        .where(RefundRow.charge_id.is_(None) | (left >= RefundRow.amount))
    )
    return await _refunds(tx, query.order_by(RefundRow.failed_at, RefundRow.id).limit(MOST))


async def _refunds(tx: Tx, query: Select[RefundRow, str]) -> tuple[Refund, ...]:
    rows = await tx.session.execute(query.execution_options(populate_existing=True))
    return tuple(store.refund(row, channel) for row, channel in rows)


async def _disputes(tx: Tx, *which: Any) -> tuple[Dispute, ...]:
    query = select(DisputeRow, PaymentRow.charge_id).join(PaymentRow, PaymentRow.id == DisputeRow.payment_id)
    rows = await tx.session.execute(query.where(*which).order_by(DisputeRow.opened_at, DisputeRow.id).limit(MOST))
    return tuple(
        Dispute(
            id=row.id,
            external=row.external,
            payment=row.payment_id,
            charge=charge or "",
            money=Money(row.amount, row.currency),
            covered=Money(row.covered, row.currency),
            reason=row.reason,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            won=row.won,
        )
        for row, charge in rows
    )
