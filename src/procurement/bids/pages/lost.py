"""What we lost of an acknowledged bid, and the form by which its bidder gives it again, long after the deadline too."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.bids import service
from procurement.bids.service import parts
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.pages import page, see_other
from procurement.infra.web.rates import UPLOADS
from procurement.infra.web.upload import FileForm
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, invalid
from procurement.kernel.sealing.parts import SEALED_PART_LIMIT
from procurement.tenders import service as tenders

FORM = 16 << 10  # bytes around the file


class LostParts(Controller):
    path = "/receipts/{bid_id:str}/lost"
    include_in_schema = False

    @get("/", opt=access(P.BID_PREPARE))
    async def show(self, tx: NamedDependency[Tx], bid_id: FromPath[str]) -> Template:
        return await _page(tx, bid_id)

    @post("/", opt=access(P.BID_PREPARE) | UPLOADS, request_max_body_size=SEALED_PART_LIMIT + FORM)
    async def deposit(
        self, request: AnyRequest, door: NamedDependency[Door], files: NamedDependency[Files], bid_id: FromPath[str]
    ) -> Redirect | Template:
        """One sealed part, under the name that it has in the bidder's package: its SHA-256."""
        form = FileForm(request)
        try:
            fields = await form.fields()
            door.check_token(request, fields.texts.get("_token", ""))
            async with door.open(request) as tx:
                digest = (await service.receipt(tx, bid_id)).bid.digest
                await _must_be_missed(tx, digest, fields.filename)
                await service.depositable(tx, digest, fields.filename)
            blob = await parts.store(files, fields.filename, form.chunks())
            async with door.open(request) as tx:
                await service.deposited(tx, digest, blob)
        except Refused as no:
            await form.drain()
            if no.code in ("form-token", "sign-in-needed", "not-permitted", "receipt-unknown"):
                raise
            async with door.open(request) as tx:
                return await _page(tx, bid_id, no)
        return see_other(f"/receipts/{bid_id}/lost")


async def _must_be_missed(tx: Tx, digest: str, name: str) -> None:
    missed = {one.blob.sha256 for one in await service.losses(tx, digest) if one.deposited_at is None}
    if name not in missed:
        words = "Choose a file whose name is in the list."
        raise invalid(words, file=words)


async def _page(tx: Tx, bid_id: str, refused: Refused | None = None) -> Template:
    receipt = await service.receipt(tx, bid_id)
    return page(
        "bids/lost.html",
        refused=refused,
        typed={},
        receipt=receipt,
        losses=await service.losses(tx, receipt.bid.digest),
        tender=await tenders.tender(tx, receipt.bid.tender),
    )
