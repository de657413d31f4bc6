"""Attempts to pay a charge by card: one at a time, written down before the other side is asked."""

from sqlalchemy import func, insert, select, update

from procurement.infra.payments.amounts import to_stripe
from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments.rules import cards as rules
from procurement.payments.rules import charges
from procurement.payments.rules.cards import Attempt, Way
from procurement.payments.rules.charges import Charge
from procurement.payments.service import reading, store
from procurement.payments.service.cards import work
from procurement.payments.tables.cards import CardAttempt
from procurement.payments.tables.charges import ChargeRow

UNDER_WAY = CardAttempt.state.in_(("opening", "open"))


async def begin(tx: Tx, charge_id: str, way: Way) -> Attempt:
    """The attempt that goes on, or a new one in its place, for what is still owed.

    Refused("charge-unknown", 404), ("charge-paid"), ("charge-cancelled"), ("card-currency-unsupported", 422).
    """
    found = await reading.own(tx, charge_id)
    tx.actor.must(P.PAYMENT_PAY, of=found.payer)
    charge = store.charge(await store.lock_charge(tx, charge_id))
    charges.must_be_open(charge)
    to_stripe(charge.owed)
    current = await _under_way(tx, charge_id)
    if current and rules.can_go_on(current, way, charge.owed, tx.real_now):
        return current
    if current:
        await end(tx, current)
    return await _new(tx, charge, way)


async def _new(tx: Tx, charge: Charge, way: Way) -> Attempt:
    count = select(func.coalesce(func.max(CardAttempt.number), 0)).where(CardAttempt.charge_id == charge.id)
    number = int(await tx.session.scalar(count) or 0) + 1
    until = (tx.real_now + rules.LASTS).replace(microsecond=0)
    values = {
        "charge_id": charge.id, "number": number, "way": way, "amount": charge.owed.amount, "problem": "",
        "currency": charge.owed.currency, "state": "opening", "external": "", "intent": "", "begun_at": tx.real_now,
        "until": until,
    }  # fmt: skip
    row = await tx.session.scalar(insert(CardAttempt).values(values).returning(CardAttempt))
    assert row
    fact = rules.CardPaymentBegun(charge=charge.id, attempt=number, money=charge.owed)
    await tx.record(fact, process=charge.process, organisation=charge.payer)
    return attempt_of(row)


async def opened(tx: Tx, attempt: Attempt, external: str, intent: str = "") -> bool:
    """It has an id there. False where the attempt was replaced or paid meanwhile: it is closed there."""
    row = await _row(tx, attempt.charge, attempt.number, lock=True)
    assert row
    if row.state == "opening":
        row.state, row.external, row.intent = "open", external, intent
    elif row.state != "open" or row.external != external:
        await work.put(tx, work.CLOSE[attempt.way], external)
        return False
    return True


def over() -> Refused:
    return Refused("card-attempt-over", "This was paid or begun anew elsewhere. Look at it again before you pay.")


async def end(tx: Tx, attempt: Attempt, problem: str = "") -> None:
    """Nobody shall pay it any more; the other side is told. Nothing happens to one that is over or paid."""
    mine = (CardAttempt.charge_id == attempt.charge) & (CardAttempt.number == attempt.number)
    ended = update(CardAttempt).where(mine, UNDER_WAY).values(state="over", problem=problem or attempt.problem)
    if await tx.session.scalar(ended.returning(CardAttempt.number)) is None:
        return
    if attempt.external:
        await work.put(tx, work.CLOSE[attempt.way], attempt.external)
    charge = await tx.session.get_one(ChargeRow, attempt.charge)
    fact = rules.CardPaymentEnded(charge=attempt.charge, attempt=attempt.number)
    await tx.record(fact, process=charge.process, organisation=charge.payer)


async def close_others(tx: Tx, charge_id: str) -> None:
    """Once nothing is owed any more, the page or payment that is still open is closed."""
    charge = store.charge(await store.lock_charge(tx, charge_id))
    current = await _under_way(tx, charge_id)
    if current and current.money != charge.owed:
        await end(tx, current)


async def newest(tx: Tx, charge_id: str) -> Attempt | None:
    """The last attempt, for whoever looks at the charge."""
    query = select(CardAttempt).where(CardAttempt.charge_id == charge_id).order_by(CardAttempt.number.desc()).limit(1)
    row = await tx.session.scalar(query)
    return attempt_of(row) if row else None


async def one(tx: Tx, charge_id: str, number: int) -> Attempt | None:
    row = await _row(tx, charge_id, number)
    return attempt_of(row) if row else None


async def by_external(tx: Tx, external: str) -> Attempt | None:
    row = await tx.session.scalar(select(CardAttempt).where(CardAttempt.external == external))
    return attempt_of(row) if row else None


async def run_out(tx: Tx, most: int) -> list[Attempt]:
    """Attempts whose time is over and of which nobody has told what became: they are looked at."""
    late = select(CardAttempt).where(UNDER_WAY, CardAttempt.until < tx.real_now).order_by(CardAttempt.until)
    return [attempt_of(row) for row in await tx.session.scalars(late.limit(most))]


async def note(tx: Tx, attempt: Attempt, **values: str) -> None:
    mine = (CardAttempt.charge_id == attempt.charge) & (CardAttempt.number == attempt.number)
    await tx.session.execute(update(CardAttempt).where(mine).values(**values))


async def _row(tx: Tx, charge_id: str, number: int, *, lock: bool = False) -> CardAttempt | None:
    query = select(CardAttempt).where(CardAttempt.charge_id == charge_id, CardAttempt.number == number)
    if lock:
        query = query.with_for_update()
    row: CardAttempt | None = await tx.session.scalar(query.execution_options(populate_existing=True))
    return row


async def _under_way(tx: Tx, charge_id: str) -> Attempt | None:
    row = await tx.session.scalar(select(CardAttempt).where(CardAttempt.charge_id == charge_id, UNDER_WAY))
    return attempt_of(row) if row else None


def attempt_of(row: CardAttempt) -> Attempt:
    return Attempt(
        charge=row.charge_id,
        number=row.number,
        way=row.way,  # type: ignore[arg-type]  # the table checks it
        money=Money(row.amount, row.currency),
        state=row.state,
        external=row.external,
        intent=row.intent,
        problem=row.problem,
        until=row.until,
    )
