"""The opening record on paper, as a PDF: written once, when the reading out has its place in the ledger.

It says what the signed record (JSON) says, in words, and no more: names and prices only as far as they were read out.
"""

import msgspec
from sqlalchemy import select

from procurement.infra import documents
from procurement.infra.files import Files
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.opening.rules import OpeningRecordWritten
from procurement.opening.service.paper_text import text
from procurement.opening.tables import OpeningPaperRow, OpeningRow
from procurement.tenders import service as tenders

WRITER = system("opening")
BATCH = 20


class Paper(msgspec.Struct, frozen=True):
    """The document, by the SHA-256 of its bytes, and how many these are."""

    sha256: str
    size: int


async def paper(tx: Tx, tender_id: str) -> Paper | None:
    """The opening record's document; none before it is written, a moment after the bids are shown."""
    row = await tx.session.get(OpeningPaperRow, tender_id)
    return Paper(row.sha256, row.size) if row and row.sha256 and row.size else None


async def read_paper(tx: Tx, files: Files, tender_id: str) -> bytes:
    """Its bytes. Refused("not-opened") before everything is shown, ("not-written-yet") in the moment after that."""
    if found := await paper(tx, tender_id):
        return await documents.read(files, found.sha256)
    opening = await tx.session.get(OpeningRow, tender_id)
    if opening is None or opening.shown_at is None:
        raise Refused("not-opened", "The bids of this tender are not opened yet.")
    raise Refused("not-written-yet", "The document is being written. Look again in a few seconds.")


async def due(tx: Tx) -> list[str]:
    """Tenders whose opening record is to be written, the oldest first."""
    waiting = select(OpeningPaperRow.tender_id).where(OpeningPaperRow.sha256.is_(None))
    return list(await tx.session.scalars(waiting.order_by(OpeningPaperRow.record_id).limit(BATCH)))


async def write(database: Database, files: Files, signer: SignerKey, tender_id: str) -> None:
    """Write it, once its record is placed; the same facts give the same bytes. Another worker that is at it is left to
    it. Its hash is a fact."""
    async with database.begin(WRITER) as tx:
        here = OpeningPaperRow.tender_id == tender_id, OpeningPaperRow.sha256.is_(None)
        row = await tx.session.scalar(select(OpeningPaperRow).where(*here).with_for_update(skip_locked=True))
        placed = await ledger.placed(tx.session, row.record_id) if row else None
        if row is None or placed is None:
            return
        tender = await tenders.tender(tx, tender_id)
        tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
        opening = await tx.session.get_one(OpeningRow, tender_id)
        assert opening.shown_at
        words = await text(tx, opening, placed, signer)
        stored = await documents.keep(files, await documents.pdf("opening/record.typ", words, opening.shown_at))
        row.sha256, row.size, row.written_at = stored.sha256, stored.size, tx.now
        fact = OpeningRecordWritten(tender=tender_id, sha256=stored.sha256)
        await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
