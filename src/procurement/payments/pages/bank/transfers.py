"""Refunds that go out by transfer: who waits for an account, and the lists for the bank."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.infra.tx import Tx
from procurement.infra.web import access, page, read_form, see_other
from procurement.infra.web.csv_file import csv_file
from procurement.infra.web.door import AnyRequest
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.payments import service
from procurement.payments.pages.treasury.shown import ReasonForm, must_be_shown, names
from procurement.payments.service import transfer, transfer_out

COLUMNS = ("iban", "holder", "amount", "currency", "reference", "refund")


class TransferPages(Controller):
    path = "/treasury/transfers"
    include_in_schema = False

    @get("/", opt=access(P.PAYMENT_READ))
    async def listed(self, tx: NamedDependency[Tx]) -> Template:
        return await _list(tx)

    @post("/", opt=access(P.PAYMENT_RECORD))
    async def make(self, tx: NamedDependency[Tx]) -> Template | Redirect:
        async with tx.trying() as tried:
            await transfer_out.make_list(tx)
        return await _after(tx, tried.refused)

    @get("/{batch:str}/transfers.xml", opt=access(P.PAYMENT_RECORD))
    async def as_pain(self, tx: NamedDependency[Tx], batch: FromPath[str]) -> Response[bytes]:
        """For the bank: pain.001.001.09."""
        headers = {"Content-Disposition": f'attachment; filename="transfers-{batch}.xml"', "Cache-Control": "no-store"}
        return Response(await transfer_out.as_pain(tx, batch), media_type="application/xml", headers=headers)

    @get("/{batch:str}/transfers.csv", opt=access(P.PAYMENT_RECORD))
    async def as_csv(self, tx: NamedDependency[Tx], batch: FromPath[str]) -> Response[bytes]:
        """For whoever types them in."""
        rows = [
            (one.to.iban, one.to.holder, f"{one.money.decimal():f}", one.money.currency, one.reference, one.refund)
            for one in await transfer_out.orders(tx, batch)
        ]
        return csv_file(f"transfers-{batch}.csv", COLUMNS, rows)

    @post("/refunds/{refund_id:str}/failed", opt=access(P.PAYMENT_RECORD))
    async def failed(
        self, request: AnyRequest, tx: NamedDependency[Tx], refund_id: FromPath[str]
    ) -> Template | Redirect:
        async with tx.trying() as tried:
            await transfer_out.bank_refused(tx, refund_id, (await read_form(request, ReasonForm)).reason)
        return await _after(tx, tried.refused, getattr(request.state, "typed", None))


async def _after(tx: Tx, refused: Refused | None, typed: Any = None) -> Template | Redirect:
    if must_be_shown(refused) is None:
        return see_other("/treasury/transfers")
    return await _list(tx, refused, typed)


async def _list(tx: Tx, refused: Refused | None = None, typed: Any = None) -> Template:
    owed, batches = await transfer_out.owed(tx), await transfer_out.batches(tx)
    charges = await service.charges(tx, {one.charge for one in owed} - {""})
    known = await names(tx, [one.payer for one in owed], [one.made_by for one in batches])
    return page(
        "payments/bank_transfers.html",
        refused=refused,
        typed=typed,
        owed=owed,
        batches=batches,
        charges=charges,
        names=known,
        ours=transfer.ours(),
    )
