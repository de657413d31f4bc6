"""What a line of a statement is held against, loaded for a whole file at once."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, or_, select

from procurement.infra.tx import Tx
from procurement.kernel.money import Money
from procurement.payments.rules.matching import Asked, Earlier, Going, Known, Outcome, references_in
from procurement.payments.rules.statement import Line
from procurement.payments.service import store
from procurement.payments.tables.bank import BankLine, TransferOrder
from procurement.payments.tables.charges import ChargeRow, RefundRow

SETTLED = (Outcome.PAID, Outcome.REFUND_SENT)


async def held_against(tx: Tx, lines: Sequence[Line]) -> Known:
    """Charges and refunds that the references of these lines name, or whose amount one of them has."""
    references = {reference for line in lines for reference in references_in(line)}
    amounts = {line.money.amount for line in lines if line.money.amount > 0}
    going = {-line.money.amount for line in lines if line.money.amount < 0}
    return Known(await _charges(tx, references, amounts), await _refunds(tx, references, going))


async def with_earlier(tx: Tx, held: Known, line: Line) -> Known:
    """Also the settled lines that the bank names like this one, where it is a reversal."""
    if not line.reversal or not line.bank_reference:
        return held
    query = select(BankLine).where(BankLine.bank_reference == line.bank_reference, BankLine.outcome.in_(SETTLED))
    earlier = [
        Earlier(Money(row.amount, row.currency), row.bank_reference, row.payment_id or "", row.refund_id or "")
        for row in await tx.session.scalars(query)
    ]
    return msgspec.structs.replace(held, earlier=earlier)


async def _charges(tx: Tx, references: set[str], amounts: set[int]) -> list[Asked]:
    row = ChargeRow
    free = row.paid - row.returned - row.kept - row.promised - row.keeping - row.disputed
    fitting = (row.amount - row.kept - free).in_(amounts) & row.cancelled_at.is_(None)
    found = await tx.session.scalars(select(row).where(or_(row.reference.in_(references), fitting)))
    return [Asked(one.id, one.reference, one.owed) for one in map(store.charge, found)]


async def _refunds(tx: Tx, references: set[str], amounts: set[int]) -> list[Going]:
    order, row = TransferOrder, RefundRow
    fitting: ColumnElement[bool] = row.amount.in_(amounts) & row.sent_at.is_(None)
    query = select(order, row).join(row, row.id == order.refund_id).where(row.failed_at.is_(None))
    found = await tx.session.execute(query.where(or_(order.reference.in_(references), fitting)))
    return [
        Going(refund.id, ordered.reference, Money(refund.amount, refund.currency), ordered.iban, bool(refund.sent_at))
        for ordered, refund in found
    ]
