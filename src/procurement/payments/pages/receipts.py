"""Receipts in the browser: a payer's own, the treasury's register, and the documents."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from procurement.infra import documents
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import access, page
from procurement.infra.web.download import SANDBOX
from procurement.kernel.permissions import P
from procurement.payments import service
from procurement.payments.pages.treasury.shown import names
from procurement.payments.rules.receipts import Receipt
from procurement.payments.service import receipts


class OwnReceipts(Controller):
    path = "/payments/receipts"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ_OWN))
    async def listed(self, tx: NamedDependency[Tx], before: FromQuery[str] = "") -> Template:
        return await _list(tx, await receipts.of_payer(tx, tx.actor.organisation, before), "/payments")

    @get("/{receipt_id:str}/receipt.pdf", opt=access("signed-in"))
    async def document(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], receipt_id: FromPath[str]
    ) -> Response[bytes]:
        """The PDF, for whoever paid and the treasury."""
        receipt = await receipts.receipt(tx, receipt_id)
        headers = {
            "Content-Disposition": f'attachment; filename="receipt-{receipt.name}.pdf"',
            "Content-Security-Policy": SANDBOX,
            "Cache-Control": "no-store",
        }
        content = await documents.read(files, receipt.document_sha256)
        return Response(content, media_type="application/pdf", headers=headers)


class ReceiptRegister(Controller):
    path = "/treasury/receipts"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def listed(self, tx: NamedDependency[Tx], before: FromQuery[str] = "") -> Template:
        return await _list(tx, await receipts.register(tx, before), "/treasury")


async def _list(tx: Tx, found: list[Receipt], home: str) -> Template:
    charges = await service.charges(tx, {one.charge for one in found})
    known = await names(tx, [one.payer for one in found], [])
    more = found[-1].id if len(found) == receipts.PAGE else ""
    return page("payments/receipts.html", receipts=found, charges=charges, names=known, home=home, more=more)


ROUTES = (OwnReceipts, ReceiptRegister)
