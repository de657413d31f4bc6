"""Sealing on the bidder's own device: the page, and what its script asks for. The service never sees a plaintext."""

from typing import Annotated

import msgspec
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Template

from procurement.bids import arriving, service
from procurement.bids.intake import Offer
from procurement.bids.pages.workspace import bench
from procurement.bids.rules import limits
from procurement.bids.rules.declarations import statements
from procurement.bids.rules.draft import needs_documents
from procurement.bids.service import device, parts
from procurement.bids.service.device import Asked, Begun
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import csrf, problems
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.pages import page
from procurement.infra.web.rates import UPLOADS
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.sealing import Blob
from procurement.kernel.sealing.parts import SEALED_PART_LIMIT
from procurement.settings import Settings

FORM_HEADER = "x-csrf-token"


class Answer(msgspec.Struct, frozen=True):
    """What the device needs, and a fresh token for what it sends: people sign in again while they upload."""

    asked: Asked
    token: str


class Stored(msgspec.Struct, frozen=True):
    parts: list[Blob]


class Keyed(Offer, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key` makes a second press, or a second try after a broken line, the same submission."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Received(msgspec.Struct, frozen=True):
    """Where the receipt is shown."""

    receipt: str


class Rehearsed(msgspec.Struct, frozen=True):
    """The submission would have been received at this moment."""

    tender: str


class DevicePage(Controller):
    path = "/tenders/{tender_id:str}/bid/device"
    include_in_schema = False

    @get("/", opt=access(P.BID_PREPARE))
    async def show(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        shown = await bench(tx, request, door, tender_id)
        return page(
            "bids/device.html",
            bench=shown,
            limits=limits,
            choices=[(one.code, one.text) for one in statements(shown.tender)],
            needed=needs_documents(shown.tender),
        )


class DeviceCalls(Controller):
    """What the page's script calls, with the session's cookie and the token in a header; refusals are problem+json."""

    path = "/tenders/{tender_id:str}/bid/device"
    include_in_schema = False
    exception_handlers = problems.TO_SCRIPTS

    @get("/asked", opt=access(P.BID_PREPARE))
    async def asked(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Answer:
        return Answer(await device.asked(tx, tender_id), csrf.token(door.browser(request)))

    @post("/start", opt=access(P.BID_PREPARE), status_code=200)
    async def start(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Begun]) -> Begun:
        await device.start(tx, tender_id, data)
        return data

    @get("/parts", opt=access(P.BID_PREPARE))
    async def stored(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Stored:
        """Which parts are durable: the device goes on with the others."""
        return Stored([Blob(sha256, size) for sha256, size in (await parts.stored(tx, tender_id)).items()])

    @put(
        "/parts/{sha256:str}",
        opt=access(P.BID_PREPARE) | UPLOADS,
        request_max_body_size=SEALED_PART_LIMIT,
        status_code=200,
    )
    async def put_part(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        files: NamedDependency[Files],
        settings: NamedDependency[Settings],
        tender_id: FromPath[str],
        sha256: FromPath[str],
    ) -> Blob:
        """Store one sealed part while it streams in. Again is the same as once; 422 for another hash."""
        door.check_token(request, request.headers.get(FORM_HEADER, ""))
        return await arriving.part(request, door, files, tender_id, sha256, settings.storage_quota)

    @post("/trial", opt=access(P.BID_PREPARE) | UPLOADS, request_max_body_size=SEALED_PART_LIMIT, status_code=200)
    async def trial(self, request: AnyRequest, door: NamedDependency[Door], tender_id: FromPath[str]) -> Blob:
        """Read a part and drop it: what the device sends to measure its line. Answers what arrived."""
        door.check_token(request, request.headers.get(FORM_HEADER, ""))
        async with door.open(request) as tx:
            await device.asked(tx, tender_id)
        return await arriving.weighed(request)

    @post("/rehearse", opt=access(P.BID_SUBMIT), status_code=200)
    async def rehearse(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Keyed]) -> Rehearsed:
        return Rehearsed((await device.rehearse(tx, tender_id, data.envelopes, data.version)).id)

    @post("/submit", opt=access(P.BID_SUBMIT), status_code=201)
    async def submit(
        self,
        tx: NamedDependency[Tx],
        receipt_key: NamedDependency[SignerKey],
        tender_id: FromPath[str],
        data: JSONBody[Keyed],
    ) -> Received:
        """One small request that names what is stored already. The same key again gets the same receipt."""
        offered = service.Submission.sealed(tender_id, data.envelope, data.version, data.key, data.priced_apart)
        receipt = await device.hand_in(tx, receipt_key, offered)
        return Received(f"/receipts/{receipt.bid.id}")
