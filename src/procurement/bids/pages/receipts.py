"""The receipt as its owner sees it, and the page where anybody can check one."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from procurement.bids import service
from procurement.identity import service as identity
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, access
from procurement.infra.web.forms import read_form
from procurement.infra.web.pages import page
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.refusal import invalid
from procurement.tenders import service as tenders

MOMENTS = ("received_at", "deadline_applied", "merge_by")  # of a receipt
LONGEST = 16384  # bytes of a receipt's file


class CheckForm(msgspec.Struct, frozen=True):
    receipt: Annotated[str, msgspec.Meta(max_length=LONGEST)] = ""
    file: str = ""  # its content is read apart: a form's fields are words


class Receipts(Controller):
    path = "/receipts"
    include_in_schema = False

    @get(["/", "/check"], opt=access("public"))
    async def ask(self, tx: NamedDependency[Tx]) -> Template:
        return page("bids/check_receipt.html", checked=None, tender=None)

    @post(["/", "/check"], opt=access("public") | {"reads": True}, status_code=200)
    async def check(
        self, request: AnyRequest, tx: NamedDependency[Tx], receipt_key: NamedDependency[SignerKey]
    ) -> Template:
        async with tx.trying() as tried:
            form = await read_form(request, CheckForm)
            if not (file := await _uploaded(request) or form.receipt.encode()):
                raise invalid(
                    "There is nothing to check.", file="Choose the file of the receipt, or paste its words below."
                )
            checked = await service.check(tx, receipt_key, file)
        if tried.refused:
            typed = request.state.get("typed")
            return page("bids/check_receipt.html", refused=tried.refused, typed=typed, checked=None, tender=None)
        tender = await tenders.tender(tx, checked.receipt.tender)
        at = {name: datetime.fromisoformat(getattr(checked.receipt, name)) for name in MOMENTS}
        return page("bids/check_receipt.html", typed={}, checked=checked, tender=tender, at=at)

    @get("/{bid_id:str}", opt=access(P.BID_READ_OWN))
    async def show(
        self, tx: NamedDependency[Tx], receipt_key: NamedDependency[SignerKey], bid_id: FromPath[str]
    ) -> Template:
        """Checked each time it is shown, as a stranger would check the file."""
        receipt = await service.receipt(tx, bid_id)
        return page(
            "bids/receipt.html",
            receipt=receipt,
            merge_by=datetime.fromisoformat(receipt.signed.receipt.merge_by),
            missing=any(one.deposited_at is None for one in await service.losses(tx, receipt.bid.digest)),
            checked=await service.check(tx, receipt_key, receipt.body),
            tender=await tenders.tender(tx, receipt.bid.tender),
            bidder=(await identity.organisation(tx, receipt.bid.supplier)).name,
            key=(await ledger.published_keys(tx.session)).get("checkpoints", ""),
        )

    @get("/{bid_id:str}/receipt.json", opt=access(P.BID_READ_OWN))
    async def download(self, tx: NamedDependency[Tx], bid_id: FromPath[str]) -> Response[bytes]:
        receipt = await service.receipt(tx, bid_id)
        return _file(receipt, receipt.body, "json", "application/json")

    @get("/{bid_id:str}/receipt.tlog-proof", opt=access(P.BID_READ_OWN))
    async def proof(self, tx: NamedDependency[Tx], bid_id: FromPath[str]) -> Response[bytes]:
        proof = await service.proof_file(tx, bid_id)
        return _file(await service.receipt(tx, bid_id), proof, "tlog-proof", "text/plain")


def _file(receipt: service.Receipt, content: bytes, ending: str, media_type: str) -> Response[bytes]:
    name = f"receipt-{receipt.bid.tender}-v{receipt.bid.version}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


async def _uploaded(request: AnyRequest) -> bytes:
    """The file that was chosen; b"" without one. Refused("form-invalid", 422) for one too large."""
    if not request.content_type[0].startswith("multipart/"):
        return b""
    file = (await request.form()).get("file")
    content = await file.read(LONGEST + 1) if isinstance(file, UploadFile) else b""
    if len(content) > LONGEST:
        raise invalid("A receipt is a short file.", file="This file is too large to be a receipt.")
    return content
