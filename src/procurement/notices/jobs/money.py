"""What whoever paid is told: a receipt is there. Nothing of it hangs on a procurement, since it would tell who bids."""

from procurement.infra import mail
from procurement.infra.outbox import Recorded, handles
from procurement.infra.tx import Tx
from procurement.notices.rules.inbox import Kind, Letter
from procurement.notices.service.delivering import deliver_apart
from procurement.payments import service as payments
from procurement.payments.rules.receipts import ReceiptIssued
from procurement.payments.service import receipts


@handles(ReceiptIssued)
async def tell_receipt(tx: Tx, recorded: Recorded[ReceiptIssued]) -> None:
    """The organisation that paid."""
    receipt = await receipts.issued(tx, recorded.fact.receipt)
    charge = await payments.charge(tx, receipt.charge)
    title, body = mail.outgoing().words("notices/inbox/receipt", receipt=receipt, charge=charge)
    letter = Letter(
        organisation=receipt.payer,
        kind=Kind.RECEIPT,
        title=title,
        body=body,
        link=f"/payments/receipts/{receipt.id}/receipt.pdf",
    )
    await deliver_apart(tx, recorded, letter)


HANDLERS = (tell_receipt,)
