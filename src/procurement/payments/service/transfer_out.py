"""Refunds by transfer: who is owed, to which account, and the lists that a treasurer takes to the bank.

A refund is put into one list, once. The list can be fetched again and is the same then, under the same number, so that
a bank carries it out once. That a transfer left is only known when a statement shows it.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import func, insert, select, text

from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.payments.rules import charges, pain
from procurement.payments.rules.pain import Order
from procurement.payments.rules.references import reference_of
from procurement.payments.rules.transfers import Account, TransfersOrdered, compact
from procurement.payments.service import transfer
from procurement.payments.service.permitted import treasury
from procurement.payments.service.sending import refund_begun, refund_failed
from procurement.payments.service.store import lock_refund
from procurement.payments.tables.bank import BankLine, BankStatement, RefundAccount, TransferBatch, TransferOrder
from procurement.payments.tables.charges import ChargeRow, PaymentRow, RefundRow

MOST = 500  # transfers in one list
PAGE = 30  # lists on one page
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('transfer lists', 0))")


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """An approved refund that goes out by transfer. `payer` is an organisation id, "" for money without a charge.
    `account` is None until the payer names one. `batch` is the list it stands in, "" for none."""

    refund: str
    charge: str
    payer: str
    money: Money
    approved_at: datetime
    account: Account | None
    batch: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A list: how many transfers it has and their sum; `open` of them no statement has shown yet."""

    id: str
    count: int
    money: Money
    open: int
    made_by: str
    made_at: datetime


async def owed(tx: Tx) -> list[Owed]:
    """What waits for a list, and what stands in one and is not known to have left; the longest approved first."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    return await _owed(tx)


async def account_wanted(tx: Tx, organisation: str) -> datetime | None:
    """Since when money of an organisation is to go back by transfer, and it named no account; None if none is.

    For its people. Refused("not-permitted", 403).
    """
    tx.actor.must(P.PAYMENT_READ_OWN, of=organisation)
    row = RefundRow
    query = (
        select(func.min(row.asked_at))
        .join(PaymentRow, PaymentRow.id == row.payment_id)
        .join(ChargeRow, ChargeRow.id == row.charge_id)
        .outerjoin(RefundAccount, RefundAccount.organisation == ChargeRow.payer)
        .outerjoin(TransferOrder, TransferOrder.refund_id == row.id)
        .where(PaymentRow.channel == "transfer", ChargeRow.payer == organisation)
        .where(row.sent_at.is_(None), row.failed_at.is_(None), row.refused_at.is_(None))
        .where(RefundAccount.organisation.is_(None), TransferOrder.refund_id.is_(None))
    )
    return await tx.session.scalar(query)


async def batches(tx: Tx) -> list[Batch]:
    """The newest lists."""
    tx.actor.must(P.PAYMENT_READ, of=treasury(tx, P.PAYMENT_READ))
    left = func.count().filter(RefundRow.sent_at.is_(None), RefundRow.failed_at.is_(None))
    query = (
        select(TransferBatch, func.count(), func.sum(RefundRow.amount), left)
        .join(TransferOrder, TransferOrder.batch == TransferBatch.id)
        .join(RefundRow, RefundRow.id == TransferOrder.refund_id)
        .group_by(TransferBatch.id)
        .order_by(TransferBatch.made_at.desc(), TransferBatch.id)
        .limit(PAGE)
    )
    return [
        Batch(
            id=row.id,
            count=count,
            money=Money(int(total), row.currency),
            open=open_,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row, count, total, open_ in await tx.session.execute(query)
    ]


async def make_list(tx: Tx) -> str:
    """Put everything that is owed to a known account into a new list; returns its id.

    What fewer than two people decided leaves only by another person than who took in the statement that told of it:
    else a statement that somebody made up would be enough. Refused("nothing-to-transfer"), ("same-person", 403),
    ("step-up-needed", 403), ("transfer-unavailable", 404).
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    tx.actor.must_be_stepped_up(tx.real_now)
    to = transfer.must_be_ours()
    await tx.session.execute(ONE_AT_A_TIME)
    await tx.clock()
    due = [one for one in await _owed(tx) if one.account and not one.batch and one.money.currency == to.currency]
    if not due:
        raise Refused("nothing-to-transfer", "No approved refund waits whose payer has named an account.")
    on_own_word = await _told_by(tx, tx.actor.person, [one.refund for one in due])
    due = [one for one in due if one.refund not in on_own_word]
    if not due:
        words = "You took in the statement that told of this money. Another treasurer has to make the list."
        raise Refused("same-person", words, status=403)
    batch = new_id()
    made = {"id": batch, "currency": to.currency, "made_by": tx.actor.person, "made_at": tx.now}
    await tx.session.execute(insert(TransferBatch).values(**made))
    total = Money(0, to.currency)
    for one in due[:MOST]:
        await refund_begun(tx, one.refund)
        assert one.account
        row = {"refund_id": one.refund, "batch": batch, "reference": reference_of(one.refund)}
        account = {"iban": one.account.iban, "holder": one.account.holder}
        await tx.session.execute(insert(TransferOrder).values(**row, **account))
        total += one.money
    await tx.record(TransfersOrdered(batch=batch, refunds=[one.refund for one in due[:MOST]], money=total))
    return batch


async def orders(tx: Tx, batch: str) -> list[Order]:
    """The transfers of a list, always in the same order. Refused("transfer-list-unknown", 404), and also once its
    accounts were forgotten."""
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    query = select(TransferOrder, RefundRow).join(RefundRow, RefundRow.id == TransferOrder.refund_id)
    rows = await tx.session.execute(query.where(TransferOrder.batch == batch, TransferOrder.iban != "")
                                    .order_by(TransferOrder.refund_id))  # fmt: skip
    found = [
        Order(row.refund_id, row.reference, Account(row.iban, row.holder), Money(refund.amount, refund.currency))
        for row, refund in rows
    ]
    if not found:
        raise unknown("transfer-list")
    return found


async def as_pain(tx: Tx, batch: str) -> bytes:
    """The list as pain.001. The day of execution is that on which it was made: banks take it as the earliest."""
    listed, to = await orders(tx, batch), transfer.must_be_ours()
    row = await tx.session.get_one(TransferBatch, batch)
    day = row.made_at.astimezone(to.zone).date()
    return pain.written(batch, row.made_at, day, to.account, to.bic, listed)


async def bank_refused(tx: Tx, refund_id: str, problem: str) -> None:
    """The bank did not carry a transfer of a list out: the money is owed again, and asked back anew.

    Refused("refund-unknown", 404), ("refund-gone") once a statement showed it, ("form-invalid", 422),
    ("step-up-needed", 403).
    """
    tx.actor.must(P.PAYMENT_RECORD, of=treasury(tx, P.PAYMENT_RECORD))
    tx.actor.must_be_stepped_up(tx.real_now)
    why = charges.reason(problem)
    if await tx.session.get(TransferOrder, refund_id) is None:
        raise unknown("refund")
    _, _, row = await lock_refund(tx, refund_id)
    if row.sent_at is not None:
        raise Refused(
            "refund-gone",
            "A statement shows that this transfer left. If it comes back, a statement will show that too.",
        )
    await refund_failed(tx, refund_id, why)


async def _told_by(tx: Tx, person: str, refunds: Sequence[str]) -> set[str]:
    """Those refunds of money of which this person took in the statement, that fewer than two people decided."""
    query = (
        select(RefundRow.id)
        .join(BankLine, BankLine.payment_id == RefundRow.payment_id)
        .join(BankStatement, BankStatement.id == BankLine.statement)
        .where(RefundRow.id.in_(refunds), RefundRow.people < 2, BankStatement.imported_by == person)
    )
    return set(await tx.session.scalars(query))


async def _owed(tx: Tx) -> list[Owed]:
    row = RefundRow
    open_ = row.approved_at.is_not(None), row.sent_at.is_(None), row.failed_at.is_(None), row.refused_at.is_(None)
    query = (
        select(row, ChargeRow.payer, RefundAccount, TransferOrder)
        .join(PaymentRow, PaymentRow.id == row.payment_id)
        .outerjoin(ChargeRow, ChargeRow.id == row.charge_id)
        .outerjoin(RefundAccount, RefundAccount.organisation == ChargeRow.payer)
        .outerjoin(TransferOrder, TransferOrder.refund_id == row.id)
        .where(PaymentRow.channel == "transfer", *open_)
        .order_by(row.approved_at, row.id)
        .limit(MOST)
    )
    found = (await tx.session.execute(query)).all()
    senders = await _senders(tx, [refund.payment_id for refund, payer, _, _ in found if payer is None])
    return [
        Owed(
            refund=refund.id,
            charge=refund.charge_id or "",
            payer=payer or "",
            money=Money(refund.amount, refund.currency),
            approved_at=refund.approved_at or refund.asked_at,
            account=_to(order or account) if payer or order else senders.get(refund.payment_id),
            batch=order.batch if order else "",
        )
        for refund, payer, account, order in found
    ]


async def _senders(tx: Tx, payments: Sequence[str]) -> dict[str, Account]:
    """Money without a charge goes back to the account that it came from, as the bank told it; by payment."""
    query = select(BankLine).where(BankLine.payment_id.in_(payments), BankLine.account != "", BankLine.name != "")
    rows = await tx.session.scalars(query)
    return {row.payment_id or "": Account(row.account, row.name[:70]) for row in rows if compact(row.account)}


def _to(row: RefundAccount | TransferOrder | None) -> Account | None:
    return Account(row.iban, row.holder) if row and row.iban else None
