"""A bidder's file on its way out: always saved, never shown as a page of this site (ASVS 5.4.1)."""

from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from procurement.infra.files import Files
from procurement.kernel.refusal import Refused
from procurement.opening.rules import Document


async def download(files: Files, document: Document) -> Stream:
    """The answer that streams it, under its own name (RFC 6266). Refused("file-unknown", 404), ("document-quarantined",
    403) when a scanner found malware in it."""
    if document.quarantined:
        detail = f"A scanner found malware in this document: {document.scan.found}. Readers do not get it."
        raise Refused("document-quarantined", detail, status=403)
    return await stream(files, document)


async def stream(files: Files, document: Document) -> Stream:
    """The same of any document, for who was warned. Refused("file-unknown", 404)."""
    encoded = quote(document.name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{_ascii(document.name)}\"; filename*=UTF-8''{encoded}",
        "Content-Length": str(document.size),
        "Cache-Control": "no-store",
    }
    return Stream(await files.open("opened", document.sha256), media_type="application/octet-stream", headers=headers)


def paper_response(tender_id: str, document: bytes) -> Response[bytes]:
    """The opening record as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="opening-{tender_id}.pdf"'}
    return Response(document, media_type="application/pdf", headers=headers)


def _ascii(name: str) -> str:
    return "".join(char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in name)
