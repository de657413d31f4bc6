"""Receipts follow from money that came in for a charge, and from money that left."""

from procurement.infra.files import Files
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Database, Tx
from procurement.payments.rules.facts import PaymentMatched, PaymentReceived, RefundSent
from procurement.payments.service.receipts import BATCH, note_due, write_due


@handles(PaymentReceived)
async def receipt_for_payment(tx: Tx, recorded: Recorded[PaymentReceived]) -> None:
    """Money without a charge has its receipt when somebody finds out what it was for."""
    fact = recorded.fact
    await note_due(tx, "payment", fact.payment, fact.charge, f"payment:{fact.payment}", recorded.id)


@handles(PaymentMatched)
async def receipt_for_match(tx: Tx, recorded: Recorded[PaymentMatched]) -> None:
    fact = recorded.fact
    await note_due(tx, "payment", fact.payment, fact.charge, f"match:{fact.payment}", recorded.id)


@handles(RefundSent)
async def receipt_for_refund(tx: Tx, recorded: Recorded[RefundSent]) -> None:
    """What nobody asked for and was sent back has none: there is no charge that it could name."""
    fact = recorded.fact
    await note_due(tx, "refund", fact.refund, fact.charge, f"refund:{fact.refund}:sent", recorded.id)


async def sweep(database: Database, files: Files) -> None:
    """Write what is due, until nothing is. If it never runs, no money is less there for that."""
    while await write_due(database, files) == BATCH:
        pass


HANDLERS = (receipt_for_match, receipt_for_payment, receipt_for_refund)
