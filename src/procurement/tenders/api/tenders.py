"""Tenders for programs: a whole draft in one document, and the same steps as on the pages."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from procurement.infra import quota
from procurement.infra.files import Files
from procurement.infra.keyholder import CARRIED, Keyholder
from procurement.infra.tx import Tx
from procurement.infra.web import access, pace
from procurement.infra.web.door import AnyRequest, Door, also
from procurement.infra.web.download import attachment
from procurement.infra.web.rates import UPLOADS
from procurement.infra.web.rehearsal import NOT_REHEARSED
from procurement.infra.web.versions import Resource, changes, must_match
from procurement.kernel.money import Money
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_key import SignedOpeningKey
from procurement.settings import Settings
from procurement.tenders import service
from procurement.tenders.rules import Category, Criterion, Document, Item, Lot, Phase, Summary, Tender
from procurement.tenders.rules.documents import FILE_LIMIT
from procurement.tenders.rules.whole import Moment, NewTender

BEARER = [{"bearer": list[str]()}]


class TenderView(msgspec.Struct, frozen=True, kw_only=True):
    """A tender as anybody may read it once it is public, and its buyer before. `opening_keys` are the keyholder's
    statements on its recipients and on `opening_at`, signed with `keyholder_key` (C2SP); null where the tender was
    published before the keyholder signed."""

    id: str
    ocid: str
    buyer: str
    phase: Phase
    revision: int
    revision_hash: str
    title: str
    description: str
    category: Category
    value: Money
    procedure: str
    procedure_rules: dict[str, Any]
    award_method: str
    contract_terms: str
    rulebook: str
    rulebook_sha256: str
    seal_level: str
    keyholder_recipient: str
    financial_recipient: str | None
    keyholder_key: str | None
    opening_keys: tuple[SignedOpeningKey, ...] | None
    published_at: datetime | None
    question_deadline: datetime | None
    answer_deadline: datetime | None
    deadline: datetime | None
    opening_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    deposit: Money | None
    lots: tuple[Lot, ...]
    items: tuple[Item, ...]
    criteria: tuple[Criterion, ...]
    documents: tuple[Document, ...]

    @classmethod
    def of(cls, tender: Tender, now: datetime) -> "TenderView":
        same = {name: getattr(tender, name) for name in cls.__struct_fields__ if name != "phase"}
        return cls(**same, phase=tender.phase(now))


class TenderPage(msgspec.Struct, frozen=True):
    """Newest first; `next` is the `before` of the following page, "" on the last one."""

    tenders: list[Summary]
    next: str


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str


class LaterDeadline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`deadline` with an offset, after the present one; the reason is public."""

    deadline: Moment
    reason: str


async def _view(tx: Tx, tender_id: str) -> TenderView:
    tender = await service.tender(tx, tender_id)
    if not tender.is_public:
        tender = await service.own_tender(tx, tender_id)
    return TenderView.of(tender, tx.now)


async def _lock_if_keyholder_answers(tx: Tx, tender_id: str) -> None:
    """Nobody who submits in the last seconds waits for a keyholder that hangs."""
    await tx.session.info[CARRIED].clocks()
    await service.lock_exclusive(tx, tender_id)


TENDER = Resource("/api/v1/tenders/{tender_id}", ("tender_id",), service.lock_exclusive, _view, service.buyer)
EXTENDED = msgspec.structs.replace(TENDER, lock=_lock_if_keyholder_answers)


class TenderApi(Controller):
    path = "/api/v1/tenders"
    tags = ("tenders",)

    @get("/", opt=access(P.TENDER_READ_DRAFT), security=BEARER)
    async def own(self, tx: NamedDependency[Tx], before: FromQuery[str] = "") -> TenderPage:
        """The tenders of the organisation acted for, drafts too."""
        found = await service.of_buyer(tx, tx.actor.organisation, before=before, limit=service.PAGE + 1)
        shown = found[: service.PAGE]
        return TenderPage(shown, shown[-1].id if len(found) > len(shown) else "")

    @post("/", opt=access(P.TENDER_DRAFT), security=BEARER)
    async def create(
        self, tx: NamedDependency[Tx], settings: NamedDependency[Settings], data: JSONBody[NewTender]
    ) -> TenderView:
        """A draft with everything in it; nothing is kept when a part is refused."""
        tender_id = await service.create_whole(tx, data, ocid_prefix=settings.ocid_prefix)
        return await _view(tx, tender_id)

    @get("/{tender_id:str}", opt=access("public") | also(403))
    async def read(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> TenderView:
        """A published tender, or a draft of the organisation acted for."""
        return await _view(tx, tender_id)

    @put("/{tender_id:str}", opt=access(P.TENDER_DRAFT) | changes(TENDER, must_be_known=True), security=BEARER)
    async def replace(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[NewTender]) -> TenderView:
        """Write a draft anew, with everything in it but its documents. `If-Match` is required: what a colleague wrote
        meanwhile is not overwritten."""
        await service.replace_whole(tx, tender_id, data)
        return await _view(tx, tender_id)

    @put(
        "/{tender_id:str}/documents/{name:str}",
        opt=access(P.TENDER_DRAFT) | changes(TENDER) | NOT_REHEARSED | UPLOADS,
        security=BEARER,
        request_max_body_size=None,
    )
    async def upload(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        files: NamedDependency[Files],
        settings: NamedDependency[Settings],
        tender_id: FromPath[str],
        name: FromPath[str],
    ) -> Document:
        """The body is the file itself, of at most 50 MiB. The same bytes under the same name are one document."""
        async with door.open(request) as tx:
            size = quota.announced(request.headers.get("content-length"), FILE_LIMIT)
            promise = await service.reserve(tx, tender_id, size, settings.storage_quota)
        async with quota.held(door.database, promise):
            stored = await service.store(files, name, _body(request))
            async with door.open(request) as tx:
                await must_match(request, tx)
                return await service.add_document(tx, tender_id, stored)

    @get("/{tender_id:str}/documents/{document_id:str}", opt=access("public") | also(403))
    async def download(
        self,
        tx: NamedDependency[Tx],
        files: NamedDependency[Files],
        tender_id: FromPath[str],
        document_id: FromPath[str],
    ) -> Stream:
        """The bytes of a document."""
        found = await service.document(tx, tender_id, document_id)
        return await attachment(files, found.sha256, found.name, found.media_type, found.size)

    @post(
        "/{tender_id:str}/submit",
        opt=access(P.TENDER_DRAFT) | changes(TENDER) | NOT_REHEARSED,
        status_code=200,
        security=BEARER,
    )
    async def submit(
        self, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder], tender_id: FromPath[str]
    ) -> TenderView:
        """Ask a second person to publish it."""
        await service.submit(tx, keyholder, tender_id)
        return await _view(tx, tender_id)

    @post("/{tender_id:str}/return", opt=access(P.TENDER_APPROVE) | changes(TENDER), status_code=200, security=BEARER)
    async def send_back(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Reason]) -> TenderView:
        """Send a submitted draft back, with what to change."""
        await service.send_back(tx, tender_id, data.reason)
        return await _view(tx, tender_id)

    @post(
        "/{tender_id:str}/approve",
        opt=access(P.TENDER_APPROVE) | changes(TENDER) | NOT_REHEARSED,
        status_code=200,
        security=BEARER,
    )
    async def approve(
        self, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder], tender_id: FromPath[str]
    ) -> TenderView:
        """Publish, as another person than who submitted."""
        await service.approve(tx, keyholder, tender_id)
        return await _view(tx, tender_id)

    @post("/{tender_id:str}/extension", opt=access(P.TENDER_DRAFT) | changes(TENDER), status_code=204, security=BEARER)
    async def propose_extension(
        self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[LaterDeadline]
    ) -> None:
        """Ask a second person to move the deadline."""
        await service.propose_extension(tx, tender_id, data.deadline, data.reason)

    @post(
        "/{tender_id:str}/extension/approve",
        opt=access(P.TENDER_APPROVE) | changes(EXTENDED) | NOT_REHEARSED,
        status_code=200,
        security=BEARER,
    )
    async def approve_extension(
        self, tx: NamedDependency[Tx], keyholder: NamedDependency[Keyholder], tender_id: FromPath[str]
    ) -> TenderView:
        """Move the deadline, as another person than who proposed it."""
        await service.approve_extension(tx, keyholder, tender_id)
        return await _view(tx, tender_id)

    @post(
        "/{tender_id:str}/extension/decline",
        opt=access(P.TENDER_READ_DRAFT) | changes(TENDER),
        status_code=204,
        security=BEARER,
    )
    async def decline_extension(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> None:
        """Leave the deadline as it is."""
        await service.decline_extension(tx, tender_id)

    @post("/{tender_id:str}/cancel", opt=access(P.TENDER_CANCEL) | changes(TENDER), status_code=200, security=BEARER)
    async def cancel(self, tx: NamedDependency[Tx], tender_id: FromPath[str], data: JSONBody[Reason]) -> TenderView:
        """End the procurement without award."""
        await service.cancel(tx, tender_id, data.reason)
        return await _view(tx, tender_id)


async def _body(request: AnyRequest) -> AsyncIterator[bytes]:
    try:
        async for chunk in pace.stream(request):
            yield chunk
    except HTTPException:
        words = "The upload ended before the file was complete. Nothing of it was kept."
        raise Refused("upload-broken", words, status=400) from None
