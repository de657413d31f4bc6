"""What payments keep: the documents of receipts; and how long the names stay of whoever paid by transfer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import literal, select, update

from procurement.infra.retained import NamedFile, RecordClass, Rows
from procurement.infra.tx import Tx
from procurement.payments.tables.bank import BankLine, TransferOrder
from procurement.payments.tables.charges import ChargeRow, RefundRow
from procurement.payments.tables.receipts import ReceiptRow

NAMED: tuple[Rows, ...] = (
    select(
        literal("documents").label("kind"),
        ReceiptRow.document_sha256.label("sha256"),
        ReceiptRow.id.label("owner"),
        literal("").label("tender"),
    ),
)


def _lines_due(cutoff: datetime) -> Rows:
    """Lines that were settled before; what waits for a person keeps its sender."""
    return (
        select(
            BankLine.id.label("id"),
            ChargeRow.process.label("process"),
            ChargeRow.payer.label("organisation"),
            literal("").label("person"),
        )
        .outerjoin(ChargeRow, ChargeRow.id == BankLine.charge_id)
        .where(BankLine.settled_at < cutoff, BankLine.forgotten_at.is_(None))
    )


async def _forget_senders(tx: Tx, ids: Sequence[str]) -> list[NamedFile]:
    """The movement stays: it is in the books. Whoever sent it is forgotten."""
    gone = {"name": "", "account": "", "text": "", "forgotten_at": tx.now}
    await tx.session.execute(update(BankLine).where(BankLine.id.in_(ids)).values(**gone))
    return []


def _orders_due(cutoff: datetime) -> Rows:
    """Transfers that left, or failed, before."""
    ended = (RefundRow.sent_at < cutoff) | (RefundRow.failed_at < cutoff)
    return (
        select(
            TransferOrder.refund_id.label("id"),
            ChargeRow.process.label("process"),
            ChargeRow.payer.label("organisation"),
            literal("").label("person"),
        )
        .join(RefundRow, RefundRow.id == TransferOrder.refund_id)
        .outerjoin(ChargeRow, ChargeRow.id == RefundRow.charge_id)
        .where(ended, TransferOrder.iban != "")
    )


async def _forget_accounts(tx: Tx, ids: Sequence[str]) -> list[NamedFile]:
    where = TransferOrder.refund_id.in_(ids)
    await tx.session.execute(update(TransferOrder).where(where).values(iban="", holder=""))
    return []


RETAINED = (
    RecordClass("senders-of-transfers", _lines_due, _forget_senders, legal=True),
    RecordClass("accounts-of-refunds", _orders_due, _forget_accounts, legal=True),
)
