"""A bidder's document at the pages' door: handed out, or the page that says why not."""

from typing import Any

from litestar import Response
from litestar.response import Stream

from procurement.infra.files import Files
from procurement.infra.tx import Tx
from procurement.infra.web import page
from procurement.opening import service
from procurement.opening.download import download, stream
from procurement.opening.rules import Document
from procurement.tenders import service as tenders


async def hand_out(tx: Tx, files: Files, tender_id: str, document: Document, here: str) -> Stream | Response[Any]:
    """The document; of a quarantined one the page that says so, with a button for who may take it (POST to `here`)."""
    if not document.quarantined:
        return await download(files, document)
    tender = await tenders.tender(tx, tender_id)
    may_take = service.may_take(tx, tender.buyer)
    return page("opening/quarantined.html", status=403, tender=tender, document=document, here=here, may_take=may_take)


async def hand_out_warned(tx: Tx, files: Files, tender_id: str, bid_id: str, document: Document) -> Stream:
    """A quarantined document, for the committee and auditors. Refused as `service.take`."""
    return await stream(files, await service.take(tx, tender_id, bid_id, document))
