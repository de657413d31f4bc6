"""Charges as later stages read them: whoever asks decides who sees them, and not before the opening."""

from collections.abc import Iterable

from sqlalchemy import select

from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import unknown
from procurement.payments.rules.charges import Charge, Purpose
from procurement.payments.rules.references import read
from procurement.payments.service import store
from procurement.payments.tables.charges import ChargeRow

MOST = 200  # charges of one payer or subject in a list


async def charge(tx: Tx, charge_id: str) -> Charge:
    """Refused("charge-unknown", 404)."""
    found = await charges(tx, [charge_id])
    if charge_id not in found:
        raise unknown("charge")
    return found[charge_id]


async def charges(tx: Tx, ids: Iterable[str]) -> dict[str, Charge]:
    """Those that exist, by id."""
    rows = await tx.session.scalars(select(ChargeRow).where(ChargeRow.id.in_(set(ids))))
    return {row.id: store.charge(row) for row in rows}


async def of_subject(tx: Tx, purpose: Purpose, subject: str) -> list[Charge]:
    """Everybody's charges for one subject, the oldest first."""
    query = select(ChargeRow).where(ChargeRow.purpose == purpose, ChargeRow.subject == subject)
    rows = await tx.session.scalars(query.order_by(ChargeRow.asked_at, ChargeRow.id))
    return [store.charge(row) for row in rows]


async def of_payer(tx: Tx, organisation: str) -> list[Charge]:
    """One's own charges, the newest first. Refused("not-permitted", 403) for people of another organisation."""
    tx.actor.must(P.PAYMENT_READ_OWN, of=organisation)
    query = select(ChargeRow).where(ChargeRow.payer == organisation)
    rows = await tx.session.scalars(query.order_by(ChargeRow.asked_at.desc(), ChargeRow.id).limit(MOST))
    return [store.charge(row) for row in rows]


async def mine(tx: Tx, purpose: Purpose, subject: str) -> Charge | None:
    """What the acting organisation is asked for one subject; None while nothing was."""
    payer = tx.actor.organisation
    tx.actor.must(P.PAYMENT_READ_OWN, of=payer)
    row = await tx.session.scalar(select(ChargeRow).filter_by(purpose=purpose, subject=subject, payer=payer))
    return store.charge(row) if row else None


async def own(tx: Tx, charge_id: str) -> Charge:
    """A charge of the organisation acted for. Refused("charge-unknown", 404) for anybody else's."""
    found = await charge(tx, charge_id)
    if not tx.actor.may(P.PAYMENT_READ_OWN, of=found.payer):
        tx.actor.must_be_somebody()
        raise unknown("charge")
    return found


async def by_reference(tx: Tx, typed: str) -> Charge | None:
    """The charge with this ISO 11649 reference. Refused("form-invalid", 422) for a mistyped one."""
    row = await tx.session.scalar(select(ChargeRow).where(ChargeRow.reference == read(typed)))
    return store.charge(row) if row else None
