"""Asking an organisation to pay, and asking no longer."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments.rules import charges, facts
from procurement.payments.rules.charges import Charge, Purpose
from procurement.payments.rules.references import reference_of
from procurement.payments.service import store
from procurement.payments.service.permitted import treasury
from procurement.payments.service.releasing import give_back_excess, withdraw
from procurement.payments.tables.charges import ChargeRow


async def ask(
    tx: Tx,
    *,
    purpose: Purpose,
    subject: str,
    process: str,
    title: str,
    payer: str,
    payee: str,
    amount: Money,
    due: datetime | None = None,
) -> Charge:
    """The charge of this payer for this subject: asked now, the same as before, or again after it was cancelled.

    Asked by people of the payer, who begin to pay, or by the system. Refused("amount-invalid", 422),
    Refused("charge-differs") where it was asked before for another amount, Refused("organisation-unknown", 404).
    """
    tx.actor.must(P.PAYMENT_PAY, of=payer)
    written = charges.check(purpose, title, amount)
    await identity.organisation(tx, payee)
    charge_id = new_id()
    values = {
        "id": charge_id, "purpose": purpose, "subject": subject, "process": process, "title": written, "payer": payer,
        "payee": payee, "amount": amount.amount, "currency": amount.currency, "reference": reference_of(charge_id),
        "asked_at": tx.now, "due": due, "paid": 0, "promised": 0, "keeping": 0, "returned": 0, "kept": 0, "disputed": 0,
    }  # fmt: skip
    row = await _row(tx, values)
    charges.must_be_same(store.charge(row), amount)
    if row.id != charge_id and row.cancelled_at is None:
        return store.charge(row)
    row.cancelled_at, row.due = None, due  # a bidder that withdrew its bid and then sent another is asked again
    asked = facts.ChargeAsked(
        charge=row.id,
        purpose=purpose,
        subject=subject,
        payer=payer,
        payee=payee,
        money=amount,
        reference=row.reference,
    )
    await tx.record(asked, process=process, organisation=payer)
    return store.charge(row)


async def _row(tx: Tx, values: dict[str, Any]) -> ChargeRow:
    """The charge of that payer for that subject, locked: made now, or long ago."""
    same = "purpose", "subject", "payer"
    await tx.session.execute(insert(ChargeRow).values(**values).on_conflict_do_nothing(index_elements=same))
    known = select(ChargeRow.id).filter_by(**{name: values[name] for name in same})
    return await store.lock_charge(tx, (await tx.session.scalars(known)).one())


async def postpone(tx: Tx, *, purpose: Purpose, subject: str, due: datetime) -> None:
    """Whoever is asked for this subject has until then. The system's alone, where what it follows was moved."""
    tx.actor.must(P.REFUND_ASK, of=treasury(tx, P.REFUND_ASK))
    which = ChargeRow.purpose == purpose, ChargeRow.subject == subject
    await tx.session.execute(update(ChargeRow).where(*which).values(due=due))


async def cancel(tx: Tx, charge_id: str, *, reason: str, basis: str) -> Charge:
    """Ask no longer. Whatever was paid goes back, and so does what still comes in. Doing it twice is doing it once."""
    tx.actor.must(P.REFUND_ASK, of=treasury(tx, P.REFUND_ASK))
    row = await store.lock_charge(tx, charge_id)
    await withdraw(tx, row)
    await give_back_excess(tx, row, charges.reason(reason), basis)
    return store.charge(row)
