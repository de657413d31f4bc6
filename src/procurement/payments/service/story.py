"""One charge with everything that became of it, and the list of charges: for the treasury alone."""

import msgspec
from sqlalchemy import select, tuple_

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.payments.rules.came_in import Dispute, Payment
from procurement.payments.rules.charges import Charge
from procurement.payments.rules.refunds import Forfeiture, Refund
from procurement.payments.rules.timeline import Event, timeline
from procurement.payments.service import reading, store
from procurement.payments.service.books import Booked, booked
from procurement.payments.service.permitted import treasury
from procurement.payments.service.waiting import disputes_of, payments_where, refunds_where
from procurement.payments.tables.charges import ChargeRow, ForfeitureRow, PaymentRow, RefundRow

PAGE = 50  # charges of a list
CHOICES = 10  # charges among which a person finds what money was for


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A charge with its payments, refunds, forfeitures, disputes and postings, each the oldest first."""

    charge: Charge
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    forfeitures: tuple[Forfeiture, ...]
    disputes: tuple[Dispute, ...]
    books: tuple[Booked, ...]

    @property
    def free(self) -> Money:
        """What nobody has claimed yet: what can be given back or kept."""
        one = self.charge
        return one.held - one.promised - one.keeping - one.disputed

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened, in the order in which it did."""
        return timeline(self.charge, self.payments, self.refunds, self.forfeitures, self.disputes)


class Listed(msgspec.Struct, frozen=True):
    """A page of charges, the newest first; `next` is the id to go on before, "" at the end."""

    charges: tuple[Charge, ...]
    next: str


async def story(tx: Tx, charge_id: str) -> Story:
    """Refused("charge-unknown", 404), Refused("not-permitted", 403) for whoever is no treasurer."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    charge = await reading.charge(tx, charge_id)
    payments = await payments_where(tx, PaymentRow.charge_id == charge_id)
    refunds = await refunds_where(tx, RefundRow.charge_id == charge_id)
    query = select(ForfeitureRow).where(ForfeitureRow.charge_id == charge_id)
    rows = await tx.session.scalars(query.order_by(ForfeitureRow.asked_at, ForfeitureRow.id))
    disputes = await disputes_of(tx, [one.id for one in payments])
    parties = [charge_id, *(p.id for p in payments), *(r.id for r in refunds), *(d.id for d in disputes)]
    return Story(
        charge=charge,
        payments=payments,
        refunds=refunds,
        forfeitures=tuple(store.forfeiture(row) for row in rows),
        disputes=disputes,
        books=tuple(await booked(tx, parties)),
    )


async def listed(tx: Tx, *, before: str = "", reference: str = "") -> Listed:
    """Everybody's charges, the newest first; with a reference that one alone. Refused("form-invalid", 422)."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    if reference.strip():
        found = await reading.by_reference(tx, reference)
        return Listed((found,) if found else (), "")
    place = tuple_(ChargeRow.asked_at, ChargeRow.id)
    query = select(ChargeRow).order_by(ChargeRow.asked_at.desc(), ChargeRow.id.desc()).limit(PAGE + 1)
    if before:
        known = await reading.charge(tx, before)
        query = query.where(place < (known.asked_at, known.id))
    rows = (await tx.session.scalars(query)).all()
    shown = tuple(store.charge(row) for row in rows[:PAGE])
    return Listed(shown, shown[-1].id if len(rows) > PAGE else "")


async def asking(tx: Tx, money: Money) -> list[Charge]:
    """Charges for which that money may have come: not paid in full, those that lack exactly it first."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    still = ChargeRow.currency == money.currency, ChargeRow.cancelled_at.is_(None), ChargeRow.paid < ChargeRow.amount
    newest = select(ChargeRow).where(*still).order_by(ChargeRow.asked_at.desc(), ChargeRow.id.desc()).limit(PAGE)
    found = map(store.charge, await tx.session.scalars(newest))
    return sorted(found, key=lambda one: one.owed != money)[:CHOICES]


async def lock(tx: Tx, charge_id: str) -> None:
    """Whoever changes anything about a charge holds its row."""
    await store.lock_charge(tx, charge_id)
