"""The tender's files: uploaded as a stream, listed, downloaded by anybody."""

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Stream, Template

from procurement.infra import quota
from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import access, see_other
from procurement.infra.web.door import AnyRequest, Door
from procurement.infra.web.download import attachment
from procurement.infra.web.rates import UPLOADS
from procurement.infra.web.upload import FileForm
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.settings import Settings
from procurement.tenders import service
from procurement.tenders.pages.shared import SHOWN_AGAIN, own_page
from procurement.tenders.rules.documents import FILE_LIMIT, KINDS, MOST_FILES


class Documents(Controller):
    path = "/tenders/{tender_id:str}/draft/documents"
    include_in_schema = False

    @get("/", opt=access(P.TENDER_READ_DRAFT))
    async def show(self, tx: NamedDependency[Tx], tender_id: FromPath[str]) -> Template:
        return await _list(tx, tender_id)

    @post("/", opt=access(P.TENDER_DRAFT) | UPLOADS, request_max_body_size=None)
    async def add(
        self,
        request: AnyRequest,
        door: NamedDependency[Door],
        files: NamedDependency[Files],
        settings: NamedDependency[Settings],
        tender_id: FromPath[str],
    ) -> Redirect | Template:
        """Two transactions with the upload between them: none is held open while bytes arrive.

        The file's own limit ends it, so that its refusal is a page and not a broken connection.
        """
        form = FileForm(request)
        try:
            async with door.open(request) as tx:
                size = quota.announced(request.headers.get("content-length"), FILE_LIMIT)
                promise = await service.reserve(tx, tender_id, size, settings.storage_quota)
            async with quota.held(door.database, promise):
                fields = await form.fields()
                door.check_token(request, fields.texts.get("_token", ""))
                upload = await service.store(files, fields.filename, form.chunks())
                await form.finish()
                async with door.open(request) as tx:
                    await service.add_document(tx, tender_id, upload)
        except Refused as no:
            await form.drain()
            if no.status not in SHOWN_AGAIN:
                raise
            async with door.open(request) as tx:
                return await _list(tx, tender_id, no)
        return see_other(f"/tenders/{tender_id}/draft/documents")

    @post("/{document_id:str}/remove", opt=access(P.TENDER_DRAFT))
    async def remove(self, tx: NamedDependency[Tx], tender_id: FromPath[str], document_id: FromPath[str]) -> Redirect:
        await service.remove_document(tx, tender_id, document_id)
        return see_other(f"/tenders/{tender_id}/draft/documents")


@get(
    "/tenders/{tender_id:str}/documents/{document_id:str}/{name:str}",
    opt=access("public"),
    include_in_schema=False,
)
async def download(
    tx: NamedDependency[Tx],
    files: NamedDependency[Files],
    tender_id: FromPath[str],
    document_id: FromPath[str],
    name: FromPath[str],
) -> Stream:
    """The file as it was uploaded; `name` is for the reader only."""
    found = await service.document(tx, tender_id, document_id)
    return await attachment(files, found.sha256, found.name, found.media_type, found.size)


async def _list(tx: Tx, tender_id: str, refused: Refused | None = None) -> Template:
    limits = {"kinds": tuple(KINDS), "size": FILE_LIMIT, "files": MOST_FILES}
    return await own_page(tx, tender_id, "documents", refused, typed=None, limits=limits)
