"""Money that is kept: a deposit that two people declare forfeited, a fee once it is earned."""

from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.rules import books as postings
from procurement.payments.rules import charges, facts, refunds
from procurement.payments.rules.charges import Charge
from procurement.payments.rules.refunds import Forfeiture
from procurement.payments.service import store
from procurement.payments.service.books import enter
from procurement.payments.service.claiming import about
from procurement.payments.service.disputes import cover
from procurement.payments.service.permitted import must_be_two_people, treasury
from procurement.payments.service.releasing import give_back_excess
from procurement.payments.tables.charges import ForfeitureRow

NOT_KEPT = "It is not kept."


async def ask_forfeiture(tx: Tx, charge_id: str, money: Money, reason: str, basis: str) -> Forfeiture:
    """Ask that so much of a deposit is kept. It stays where it is until a second person has decided.

    `basis` is the article. Refused("not-a-deposit"), ("refund-too-much", 422), ("form-invalid", 422),
    ("currency-differs", 422), ("amount-invalid", 422), ("step-up-needed", 403).
    """
    tx.actor.must(P.REFUND_ASK, of=treasury(tx, P.REFUND_ASK))
    tx.actor.must_be_stepped_up(tx.real_now)
    charges.must_be_an_amount(money)
    why, article = charges.reason(reason), charges.basis(basis)
    row = await store.lock_charge(tx, charge_id)
    if row.purpose != "deposit":
        raise Refused("not-a-deposit", "Only a deposit can be forfeited.")
    if money.currency != row.currency:
        raise Refused("currency-differs", f"This charge is in {row.currency}.", status=422)
    if store.figures(row).free < money.amount:
        raise refunds.too_much()
    row.keeping += money.amount
    asked = ForfeitureRow(
        id=new_id(),
        charge_id=row.id,
        amount=money.amount,
        currency=money.currency,
        reason=why,
        basis=article,
        asked_by=tx.actor.person,
        asked_at=tx.now,
        refusal="",
    )
    tx.session.add(asked)
    await tx.record(facts.ForfeitureAsked(forfeiture=asked.id, charge=row.id, money=money), **about(row))
    return store.forfeiture(asked)


async def approve_forfeiture(tx: Tx, forfeiture_id: str) -> Forfeiture:
    """The second person decides that it is kept, for good. Refused("refund-decided"), ("same-person", 403)."""
    tx.actor.must(P.REFUND_APPROVE, of=treasury(tx, P.REFUND_APPROVE))
    tx.actor.must_be_stepped_up(tx.real_now)
    charge, row = await store.lock_forfeiture(tx, forfeiture_id)
    found = store.forfeiture(row)
    refunds.must_wait(found)
    refunds.must_be_another(found, tx.actor.person)
    await must_be_two_people(tx, found.asked_by, found.asked_at)
    row.approved_by, row.approved_at = tx.actor.person, tx.now
    charge.keeping -= row.amount
    charge.kept += row.amount
    fact = facts.DepositForfeited(forfeiture=row.id, charge=charge.id, money=found.money)
    record = await tx.record(fact, **about(charge))
    await enter(tx, f"forfeiture:{row.id}", record, postings.forfeited(charge.id, found.money))
    return store.forfeiture(row)


async def refuse_forfeiture(tx: Tx, forfeiture_id: str, reason: str) -> Forfeiture:
    """Decide against it; also who asked may take it back. Where nothing is asked any more, the money goes back."""
    tx.actor.must(P.REFUND_APPROVE, of=treasury(tx, P.REFUND_APPROVE))
    why = charges.reason(reason)
    charge, row = await store.lock_forfeiture(tx, forfeiture_id)
    refunds.must_wait(store.forfeiture(row))
    row.refused_by, row.refused_at, row.refusal = tx.actor.person or None, tx.now, why
    charge.keeping -= row.amount
    for payment in await store.lock_payments(tx, charge.id):
        await cover(tx, charge, payment)
    await tx.record(facts.ForfeitureRefused(forfeiture=row.id), **about(charge))
    await give_back_excess(tx, charge, NOT_KEPT)
    return store.forfeiture(row)


async def earn(tx: Tx, charge_id: str, *, basis: str) -> Charge:
    """A fee that was held until the decision is kept, as the rule `basis` says. Doing it twice is doing it once.

    Refused("not-a-fee") for a deposit. What was paid beyond the fee has gone back already.
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    row = await store.lock_charge(tx, charge_id)
    if row.purpose == "deposit":
        raise Refused("not-a-fee", "A deposit is not earned. Two people may declare it forfeited.")
    amount = min(store.figures(row).free, row.amount - row.kept)
    if amount > 0:
        money = Money(amount, row.currency)
        row.kept += amount
        record = await tx.record(facts.FeeEarned(charge=row.id, money=money, basis=basis), **about(row))
        await enter(tx, f"earned:{row.id}:{record}", record, postings.earned(row.id, money))
    return store.charge(row)
