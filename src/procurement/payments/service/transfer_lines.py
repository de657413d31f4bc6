"""What the bank told and nobody could settle for certain: a person says what each line is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.payments.rules import charges
from procurement.payments.rules.charges import Charge
from procurement.payments.rules.matching import Outcome, Why
from procurement.payments.rules.refunds import Refund
from procurement.payments.rules.statement import Line
from procurement.payments.rules.transfers import BankLineSetAside
from procurement.payments.service import reading, transfer
from procurement.payments.service.permitted import treasury
from procurement.payments.service.receiving import match, receive
from procurement.payments.service.refunding import return_payment
from procurement.payments.service.sending import refund_sent
from procurement.payments.service.transfer_settling import real_moment
from procurement.payments.tables.bank import BankLine

PAGE = 50  # lines on one page
LINE = Line.__struct_fields__


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A line with what became of it, or is proposed. Names and accounts are for the treasury's eyes alone."""

    id: str
    statement: str
    line: Line
    outcome: Outcome
    why: Why | None
    charge: str
    payment: str
    refund: str
    note: str
    settled_by: str
    settled_at: datetime | None


class Waiting(msgspec.Struct, frozen=True):
    """How many lines wait for a person, since which booking day, and what they sum up to by currency."""

    count: int
    since: date | None
    totals: tuple[Money, ...]


async def waiting(tx: Tx) -> Waiting:
    """For desks and for whoever compares the books with the bank: these lines are in no book yet."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    query = select(BankLine.currency, func.count(), func.min(BankLine.booked_on), func.sum(BankLine.amount))
    rows = (await tx.session.execute(query.where(_WAITS).group_by(BankLine.currency))).all()
    totals = tuple(Money(int(total), currency) for currency, _, _, total in rows)
    return Waiting(sum(row[1] for row in rows), min((row[2] for row in rows), default=None), totals)


async def worklist(tx: Tx) -> list[Told]:
    """The lines that wait, the oldest first."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    query = select(BankLine).where(_WAITS).order_by(BankLine.booked_on, BankLine.id).limit(PAGE)
    return [_told(row) for row in await tx.session.scalars(query)]


async def of_statement(tx: Tx, statement_id: str, after: int = 0) -> list[Told]:
    """The new lines of a statement behind the number `after`, in its order."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    here = BankLine.statement == statement_id, BankLine.number > after
    query = select(BankLine).where(*here).order_by(BankLine.number).limit(PAGE)
    return [_told(row) for row in await tx.session.scalars(query)]


async def told(tx: Tx, line_id: str) -> Told:
    """Refused("bank-line-unknown", 404)."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return _told(await _find(tx, line_id))


async def for_charge(tx: Tx, line_id: str, reference: str) -> Charge:
    """A person says for which charge the money came; returns the charge as it stands now.

    Refused("form-invalid", 422), ("reference-unknown", 422), ("line-settled"), ("currency-differs", 422).
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    row = await _locked(tx, line_id, came_in=True)
    charge = await reading.by_reference(tx, reference)
    if charge is None:
        words = "There is no charge with this reference."
        raise Refused("reference-unknown", words, status=422, fields={"reference": words})
    if charge.amount.currency != row.currency:
        raise Refused("currency-differs", f"This charge is in {charge.amount.currency}.", status=422)
    row.payment_id = await _received(tx, row)
    await match(tx, row.payment_id, charge.id)
    row.charge_id = charge.id
    _settled(tx, row, Outcome.PAID)
    return await reading.charge(tx, charge.id)


async def send_back(tx: Tx, line_id: str, reason: str) -> Refund:
    """A person says that nobody asked for this money: it is booked as owed to whoever sent it, and asked back.

    Refused("line-settled"), ("form-invalid", 422), ("step-up-needed", 403). Above the limit a second person
    approves it.
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    row = await _locked(tx, line_id, came_in=True)
    row.payment_id = await _received(tx, row)
    refund = await return_payment(tx, row.payment_id, reason)
    row.note, row.charge_id = charges.reason(reason), None
    _settled(tx, row, Outcome.PAID)
    return refund


async def as_refund(tx: Tx, line_id: str) -> None:
    """A person confirms that the proposed refund is what went out. Refused("line-settled"), ("no-proposal")."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    row = await _locked(tx, line_id, came_in=False)
    if not row.refund_id or row.why != Why.ONE_FITS:
        raise Refused("no-proposal", "No refund fits this line. Set it aside and say what it is.")
    await refund_sent(tx, row.refund_id, row.identity, real_moment(tx, transfer.must_be_ours(), row.booked_on))
    _settled(tx, row, Outcome.REFUND_SENT)


async def set_aside(tx: Tx, line_id: str, reason: str) -> None:
    """A person says that the line is none of this service's; it stays in the list of its statement with the reason.

    Refused("line-settled"), ("form-invalid", 422), ("step-up-needed", 403).
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    tx.actor.must_be_stepped_up(tx.real_now)
    row = await _locked(tx, line_id)
    row.note, row.charge_id, row.refund_id = charges.reason(reason), None, None
    _settled(tx, row, Outcome.SET_ASIDE)
    await tx.record(BankLineSetAside(line=row.id, money=Money(row.amount, row.currency)))


_WAITS = BankLine.outcome == Outcome.PERSON


async def _received(tx: Tx, row: BankLine) -> str:
    """The payment of a line, without a charge and under the line's identity: booked once whatever else was said of it
    meanwhile."""
    at = real_moment(tx, transfer.must_be_ours(), row.booked_on)
    money = Money(row.amount, row.currency)
    booked = await receive(tx, charge=None, money=money, channel="transfer", external=row.identity, at=at)
    return booked.payment


async def _find(tx: Tx, line_id: str, *, lock: bool = False) -> BankLine:
    row = await tx.session.get(BankLine, line_id, with_for_update=lock or None, populate_existing=True)
    if row is None:
        raise unknown("bank-line")
    return row


async def _locked(tx: Tx, line_id: str, *, came_in: bool | None = None) -> BankLine:
    """A line that still waits, held until the end. `came_in` says which way its money must have gone."""
    row = await _find(tx, line_id, lock=True)
    await tx.clock()
    if row.outcome != Outcome.PERSON:
        raise Refused("line-settled", "Somebody has settled this line already. Look at it again.")
    if came_in is not None and (row.reversal or came_in is not (row.amount > 0)):
        raise Refused("line-goes-the-other-way", "This cannot be said of money that went the other way.")
    return row


def _settled(tx: Tx, row: BankLine, outcome: Outcome) -> None:
    row.outcome, row.why, row.settled_by, row.settled_at = outcome, "", tx.actor.person or None, tx.now


def _told(row: BankLine) -> Told:
    said: Mapping[str, Any] = {name: getattr(row, name) for name in LINE if name != "money"}
    return Told(
        id=row.id,
        statement=row.statement,
        line=Line(**said, money=Money(row.amount, row.currency)),
        outcome=Outcome(row.outcome),
        why=Why(row.why) if row.why else None,
        charge=row.charge_id or "",
        payment=row.payment_id or "",
        refund=row.refund_id or "",
        note=row.note,
        settled_by=row.settled_by or "",
        settled_at=row.settled_at,
    )
