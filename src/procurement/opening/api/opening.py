"""The opening of a tender, and the two who ask for it."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access
from procurement.infra.web.door import also
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.versions import Resource, changes
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.opening import service
from procurement.opening.download import download, paper_response
from procurement.opening.rules import BidDisclosed, OpenedBid, State
from procurement.opening.service import Sharing
from procurement.tenders import service as tenders

Six = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z", description="A key code of this moment.")]


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: Six


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`closing` is the leaf hash (hex) of the closing fact, "" before anyone asked; `read_out` is empty until all bids
    are shown together. `sharing` are the key holders and what they gave, null at seal level S1."""

    tender: str
    state: State
    closing: str
    opening_at: datetime | None
    requested_at: datetime | None
    confirmed_at: datetime | None
    shared_at: datetime | None
    shown_at: datetime | None
    sharing: Sharing | None
    read_out: list[BidDisclosed]


async def _standing(tx: Tx, tender_id: str) -> Standing:
    view = await service.view(tx, tender_id)
    held = view.opening
    return Standing(
        tender=tender_id,
        state=view.state,
        closing=held.closing if held else "",
        opening_at=view.tender.opening_at,
        requested_at=held.requested_at if held else None,
        confirmed_at=held.confirmed_at if held else None,
        shared_at=held.shared_at if held else None,
        shown_at=held.shown_at if held else None,
        sharing=view.sharing,
        read_out=await service.read_out(tx, tender_id),
    )


OPENING = Resource(
    "/api/v1/tenders/{tender_id}/opening", ("tender_id",), tenders.lock_exclusive, _standing, tenders.buyer
)


class OpeningApi(Controller):
    path = "/api/v1/tenders/{tender_id:str}/opening"
    tags = ("opening",)

    @get("/", opt=access("public"))
    async def state(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Standing:
        """Where the opening is, and what was read out."""
        return await _standing(tx, tender_id)

    @get("/record", opt=access("public") | also(409))
    async def record(
        self, tx: NamedDependency[Tx], receipt_key: NamedDependency[SignerKey], tender_id: FromPath[str]
    ) -> Response[bytes]:
        """The signed opening record."""
        return Response(await service.record(tx, receipt_key, tender_id), media_type="application/json")

    @get("/record.pdf", opt=access("public") | also(409), media_type="application/pdf")
    async def paper(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str]
    ) -> Response[bytes]:
        """The opening record as a document; its SHA-256 is in the fact OpeningRecordWritten."""
        return paper_response(tender_id, await service.read_paper(tx, files, tender_id))

    @get("/bids", opt=access(P.OPENING_READ))
    async def bids(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> list[OpenedBid]:
        """Every opened bid with prices and documents, for the buyer's people and auditors."""
        return list(await service.bids_for_readers(tx, tender_id))

    @get("/bids/{bid_id:str}/documents/{number:int}", opt=access("signed-in"))
    async def document(
        self, tx: NamedDependency[Tx], files: NamedDependency[Files], tender_id: FromPath[str],
        bid_id: FromPath[str], number: FromPath[int],
    ) -> Stream:  # fmt: skip
        """A document of an opened bid, for the buyer's people, auditors and the bidder."""
        return await download(files, await service.document(tx, tender_id, bid_id, number))

    @post("/request", opt=access(P.OPENING_REQUEST) | changes(OPENING) | NOT_REHEARSED, status_code=200)
    async def request_opening(
        self,
        tx: NamedDependency[Tx],
        keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
        data: JSONBody[Code],
    ) -> Standing:
        """A first officer asks."""
        await service.request(tx, keyholder, tender_id, data.code)
        return await _standing(tx, tender_id)

    @post("/confirm", opt=access(P.OPENING_CONFIRM) | changes(OPENING) | NOT_REHEARSED, status_code=200)
    async def confirm_opening(
        self,
        tx: NamedDependency[Tx],
        keyholder: NamedDependency[Keyholder],
        tender_id: FromPath[str],
        data: JSONBody[Code],
    ) -> Standing:
        """A second person confirms; the opening goes on by itself."""
        await service.confirm(tx, keyholder, tender_id, data.code)
        return await _standing(tx, tender_id)
