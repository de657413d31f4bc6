"""What became of an approved refund, as its channel tells: told twice, late or in any order, it is booked once."""

from datetime import datetime

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.rules import books as postings
from procurement.payments.rules import facts, refunds
from procurement.payments.rules.refunds import Refund
from procurement.payments.service import store
from procurement.payments.service.books import enter
from procurement.payments.service.claiming import about
from procurement.payments.service.disputes import cover
from procurement.payments.service.moments import legal
from procurement.payments.service.permitted import treasury
from procurement.payments.service.stopping import fail


async def refund_begun(tx: Tx, refund_id: str) -> Refund:
    """Write down that its channel is about to be told, before it is: what dies in between is seen to be open.

    Refused("refund-not-approved"), Refused("refund-failed"). Nothing changes for one that was sent.
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    _, payment, row = await store.lock_refund(tx, refund_id)
    refunds.must_be_approved(store.refund(row, payment.channel))
    row.sending_at = row.sending_at or tx.now
    return store.refund(row, payment.channel)


async def refund_sent(tx: Tx, refund_id: str, external: str, at: datetime) -> None:
    """It left, by the channel's word: `external` is its id there, `at` when, in real time.

    Refused("refund-not-approved"), ("refund-failed"), ("refund-sent") under another id.
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    charge, payment, row = await store.lock_refund(tx, refund_id)
    refund = store.refund(row, payment.channel)
    refunds.must_be_approved(refund)
    if row.sent_at is not None:
        if row.external != external:
            raise Refused("refund-sent", "This refund was sent before, under another number. Look at both.")
        return
    row.sent_at, row.external = legal(tx, at), external
    payment.claimed -= row.amount
    payment.returned += row.amount
    if charge:
        charge.promised -= row.amount
        charge.returned += row.amount
    fact = facts.RefundSent(refund=refund_id, charge=refund.charge, money=refund.money)
    record = await tx.record(fact, **about(charge))
    entry = postings.refund_sent(refund_id, refund.channel, refund.money)
    await enter(tx, f"refund:{refund_id}:sent", record, entry, row.sent_at)


async def refund_failed(tx: Tx, refund_id: str, problem: str) -> None:
    """It could not be sent, or came back after it had gone: the treasury owes it again, and a person looks at it.

    Failing is the end of a refund; another one is asked for. Refused("refund-not-approved").
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    charge, payment, row = await store.lock_refund(tx, refund_id)
    if row.failed_at is not None:
        return
    refunds.must_be_approved(store.refund(row, payment.channel))
    await fail(tx, charge, payment, row, problem)
    await cover(tx, charge, payment)
