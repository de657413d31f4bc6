"""What the other side said of an object, booked. Told twice, late or in any order, it is booked once.

What is written beside an object there proves nothing: a payment counts for a charge only where the attempt that we
wrote down is about exactly this payment and this amount. Everything else is money without a charge.
"""

from sqlalchemy import select

from procurement.infra.payments import Dispute, Intent, Payout, SentBack, Session
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.refusal import Refused
from procurement.payments.rules import cards as rules
from procurement.payments.service import disputes, receiving, sending
from procurement.payments.service import settling as balance
from procurement.payments.service.cards import attempts, differences
from procurement.payments.tables.charges import PaymentRow, RefundRow


async def settle_session(tx: Tx, session: Session) -> None:
    """What is known of the payment on it, or that it is over. A session that we did not open is none of ours."""
    attempt = await attempts.by_external(tx, session.id)
    if attempt is None:
        return
    if session.intent and attempt.intent != session.intent:
        await attempts.note(tx, attempt, intent=session.intent)
    if session.state == "expired":
        await attempts.end(tx, attempt)


async def settle_intent(tx: Tx, intent: Intent) -> None:
    """Money that came is booked; that it was declined or cannot come any more is noted with its attempt."""
    if not intent.charge:
        return  # the account may serve others too; the daily comparison tells the treasury of them
    attempt = await attempts.one(tx, intent.charge, intent.attempt)
    ours = rules.is_of(attempt, intent.id, intent.money)
    if intent.state == "paid":
        await _received(tx, intent, intent.charge if ours else None)
        if attempt and ours:
            await attempts.note(tx, attempt, state="paid", problem="")
    elif attempt and ours and intent.state == "failed" and attempt.under_way:
        await attempts.note(tx, attempt, problem=intent.problem or "declined")
    elif attempt and ours and intent.state == "cancelled":
        await attempts.end(tx, attempt)


async def _received(tx: Tx, intent: Intent, charge: str | None) -> None:
    try:
        await receiving.receive(tx, charge=charge, money=intent.money, channel="card", external=intent.id, at=intent.at)
    except Refused as no:
        if no.code != "payment-differs":
            raise
        await differences.put(tx, "other-amount", intent.id, intent.money)


async def settle_refund(tx: Tx, back: SentBack) -> None:
    """One of ours left or failed; one that was made on the other side's own pages is a difference."""
    if not await _is_ours(tx, back):
        await differences.put(tx, "not-ours", back.id, back.money)
        return
    try:
        if back.state == "sent":
            await sending.refund_sent(tx, back.refund, back.id, back.at)
        elif back.state == "failed":
            await sending.refund_failed(tx, back.refund, back.problem or "The card's bank did not take it back.")
    except Refused as no:
        if no.code not in ("refund-failed", "refund-sent", "refund-not-approved"):
            raise
        await differences.put(tx, "refused", back.id, back.money)


async def _is_ours(tx: Tx, back: SentBack) -> bool:
    """A refund of ours, of this very payment and amount."""
    query = select(PaymentRow.external, RefundRow.amount, RefundRow.currency).join(
        PaymentRow, PaymentRow.id == RefundRow.payment_id
    )
    row = (await tx.session.execute(query.where(RefundRow.id == back.refund, PaymentRow.channel == "card"))).first()
    return row is not None and tuple(row) == (back.intent, back.money.amount, back.money.currency)


async def settle_dispute(tx: Tx, dispute: Dispute) -> None:
    """The bank of the card took the money, and who has it in the end. An inquiry that took none changes nothing."""
    if not dispute.taken:
        return
    if not await is_booked(tx, dispute.intent):
        await differences.put(tx, "not-ours", dispute.id, dispute.money)
        return
    await disputes.dispute_opened(
        tx, external=dispute.id, payment=dispute.intent, money=dispute.money, reason="", at=dispute.at
    )
    if dispute.state != "open":
        await disputes.dispute_closed(tx, external=dispute.id, won=dispute.state == "won", at=tx.real_now)


async def settle_payout(tx: Tx, payout: Payout) -> None:
    if payout.state == "paid":
        await balance.payout(tx, external=payout.id, money=payout.money, at=payout.at)
    elif payout.state == "failed":
        await balance.payout_failed(tx, external=payout.id, money=payout.money, at=payout.at)


async def is_booked(tx: Tx, intent: str) -> bool:
    return await booked(tx, intent) is not None


async def booked(tx: Tx, intent: str) -> Money | None:
    """What our books have under this payment."""
    query = select(PaymentRow.amount, PaymentRow.currency).where(
        PaymentRow.channel == "card", PaymentRow.external == intent
    )
    row = (await tx.session.execute(query)).first()
    return Money(row.amount, row.currency) if row else None
