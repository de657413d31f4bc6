"""Refunds that people ask for and decide: who asks does not approve, and everybody proves afresh who they are."""

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.rules import charges, facts, refunds
from procurement.payments.rules.refunds import Refund
from procurement.payments.service import store
from procurement.payments.service.claiming import about, carry_out, claim, claim_payment
from procurement.payments.service.disputes import cover
from procurement.payments.service.permitted import must_be_two_people, treasury
from procurement.payments.service.stopping import refuse


async def ask_refund(tx: Tx, charge_id: str, money: Money, reason: str) -> list[Refund]:
    """Ask that so much of a charge goes back, from its newest payments first.

    Refused("refund-too-much", 422), ("amount-invalid", 422), ("currency-differs", 422), ("form-invalid", 422),
    ("step-up-needed", 403). Above the rulebook's limit a second person approves; below it goes at once.
    """
    tx.actor.must(P.REFUND_ASK, of=treasury(tx, P.REFUND_ASK))
    tx.actor.must_be_stepped_up(tx.real_now)
    charges.must_be_an_amount(money)
    why = charges.reason(reason)
    row = await store.lock_charge(tx, charge_id)
    if money.currency != row.currency:
        raise Refused("currency-differs", f"This charge is in {row.currency}.", status=422)
    return await claim(tx, row, money.amount, reason=why, basis=refunds.DECISION, ordered=False)


async def return_payment(tx: Tx, payment_id: str, reason: str) -> Refund:
    """Ask that an unmatched payment goes back where it came from. Refused("payment-matched") where it has a charge."""
    tx.actor.must(P.REFUND_ASK, of=treasury(tx, P.REFUND_ASK))
    tx.actor.must_be_stepped_up(tx.real_now)
    why = charges.reason(reason)
    payment = await store.lock_payment(tx, payment_id)
    await tx.clock()
    if payment.charge_id:
        raise Refused("payment-matched", "This payment belongs to a charge. Ask for a refund there.")
    return await claim_payment(tx, payment, reason=why, basis=refunds.DECISION)


async def approve_refund(tx: Tx, refund_id: str) -> Refund:
    """Decide for it, as another person than who asked or confirmed; the last one needed sets it under way.

    Refused("refund-unknown", 404), ("refund-decided"), ("same-person", 403), ("step-up-needed", 403).
    """
    tx.actor.must(P.REFUND_APPROVE, of=treasury(tx, P.REFUND_APPROVE))
    tx.actor.must_be_stepped_up(tx.real_now)
    charge, payment, row = await store.lock_refund(tx, refund_id)
    refund = store.refund(row, payment.channel)
    refunds.must_wait(refund)
    refunds.must_be_another(refund, tx.actor.person)
    for first, at in ((refund.asked_by, refund.asked_at), (refund.confirmed_by, refund.confirmed_at)):
        if first:
            await must_be_two_people(tx, first, at)
    if refund.missing > 1:
        row.confirmed_by, row.confirmed_at = tx.actor.person, tx.now
        await tx.record(facts.RefundConfirmed(refund=refund_id), **about(charge))
    else:
        row.approved_by = tx.actor.person
        await carry_out(tx, charge, payment, row)
    return store.refund(row, payment.channel)


async def refuse_refund(tx: Tx, refund_id: str, reason: str) -> Refund:
    """Decide against it; also who asked may take it back. The money is held on."""
    tx.actor.must(P.REFUND_APPROVE, of=treasury(tx, P.REFUND_APPROVE))
    why = charges.reason(reason)
    charge, payment, row = await store.lock_refund(tx, refund_id)
    refunds.must_wait(store.refund(row, payment.channel))
    await refuse(tx, charge, payment, row, why)
    await cover(tx, charge, payment)
    return store.refund(row, payment.channel)
