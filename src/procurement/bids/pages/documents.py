"""Documents: sealed while they arrive. The server sees them a part at a time and keeps only what it cannot open."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from procurement.bids.pages import cookie
from procurement.bids.pages.workspace import bench, readable
from procurement.bids.rules import limits
from procurement.bids.rules.draft import DraftFile, add_file, needs_documents, remove_file
from procurement.bids.service import drafts, parts
from procurement.bids.service.seal import Upload, forget, seal_upload
from procurement.infra import quota
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web.door import AnyRequest, Door, access
from procurement.infra.web.pages import page, see_other
from procurement.infra.web.rates import UPLOADS
from procurement.infra.web.upload import Fields, FileForm
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings


class Documents(Controller):
    path = "/tenders/{tender_id:str}/bid/documents"
    include_in_schema = False

    @get("/", opt=access(P.BID_PREPARE))
    async def show(
        self, request: AnyRequest, tx: NamedDependency[Tx], door: NamedDependency[Door], tender_id: FromPath[str]
    ) -> Template:
        return await self._page(tx, request, door, tender_id)

    @post("/", opt=access(P.BID_PREPARE) | UPLOADS, request_max_body_size=None)
    async def add(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        files: NamedDependency[Files],
        settings: NamedDependency[Settings],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        """Two transactions with the upload between them: none is held open while bytes arrive."""
        form = FileForm(request)
        try:
            fields = await form.fields()
            door.check_token(request, fields.texts.get("_token", ""))
            recipient, promise = await self._may_add(request, door, tender_id, settings.storage_quota)
            async with quota.held(door.database, promise):
                held = await seal_upload(files, recipient, _upload(fields), form.chunks())
                await self._keep(request, door, files, form, tender_id, held)
        except Refused as no:
            await form.drain()
            if no.code in ("form-token", "sign-in-needed", "not-permitted"):
                raise
            async with door.open(request) as tx:
                return await self._page(tx, request, door, tender_id, no)
        return see_other(f"/tenders/{tender_id}/bid/documents")

    @post("/{file_id:str}/remove", opt=access(P.BID_PREPARE))
    async def remove(
        self,
        request: AnyRequest,
        tx: NamedDependency[Tx],
        door: NamedDependency[Door],
        tender_id: FromPath[str],
        file_id: FromPath[str],
    ) -> Redirect:
        key = cookie.read(request, door, tx.actor.organisation)
        await drafts.change(tx, tender_id, key, lambda held: remove_file(held, file_id))
        return see_other(f"/tenders/{tender_id}/bid/documents")

    async def _may_add(self, request: AnyRequest, door: Door, tender_id: str, most: int) -> tuple[str, str]:
        """The recipient to seal for, and the promise of room for it, once it is certain that this browser may add to
        this draft."""
        size = quota.announced(request.headers.get("content-length"), limits.FILE_LIMIT)
        async with door.open(request) as tx:
            promise = await parts.reserve(tx, tender_id, int(size * limits.SEALING), most)
            draft = await drafts.must_find(tx, tender_id)
            draft.contents(cookie.read(request, door, draft.supplier))
            return draft.recipient, promise

    async def _keep(
        self, request: AnyRequest, door: Door, files: Files, form: FileForm, tender_id: str, held: DraftFile
    ) -> None:
        """Register the parts and list the document; if that is refused, the parts go again."""
        try:
            await form.finish()
            async with door.open(request) as tx:
                await parts.register(tx, tender_id, held.blobs)
                key = cookie.read(request, door, tx.actor.organisation)
                await drafts.change(tx, tender_id, key, lambda contents: add_file(contents, held))
        except Refused:
            await forget(files, held.blobs)
            raise

    async def _page(
        self, tx: Tx, request: AnyRequest, door: Door, tender_id: str, refused: Refused | None = None
    ) -> Template:
        shown = await bench(tx, request, door, tender_id)
        return page(
            "bids/documents.html",
            refused=refused,
            typed={},
            bench=shown,
            files=readable(shown).files,
            limits=limits,
            needed=needs_documents(shown.tender),
        )


def _upload(fields: Fields) -> Upload:
    """A browser that knows no media type sends none; the bid says then that the bytes are just bytes."""
    kind = fields.media_type if fields.media_type.isascii() and fields.media_type.isprintable() else ""
    return Upload(
        fields.filename.strip(),
        kind or "application/octet-stream",
        fields.texts.get("confidential", "").replace("\0", "")[:2000],
    )
