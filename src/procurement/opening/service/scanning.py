"""Looking for malware in the documents of opened bids: a verdict on each, never lateness, never a bid refused.

It is asked once everything is staged, before it is shown, for as long as BUDGET. What the scanner did not judge until
then is shown all the same, said to be so, and asked again until there is a verdict.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.files import Files
from procurement.infra.scanner import Scanner
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.scan import Scan, Verdict
from procurement.opening.rules import DocumentQuarantined
from procurement.opening.service.joining import unstaged
from procurement.opening.tables import DocumentScanRow, OpenedBidRow, OpenedDocumentRow, OpeningRow
from procurement.tenders import service as tenders

SCANNER = system("scanner")
BUDGET = 300.0  # seconds of an opening that a scanner may take
AGAIN = timedelta(minutes=10)  # between two questions about the same document
BATCH = 20
UNJUDGED = (Verdict.UNANSWERED, Verdict.NO_SCANNER)


class Unscanned(msgspec.Struct, frozen=True):
    """A document that is to be scanned; `sha256` names it in the opened store."""

    tender: str
    bid: str
    number: int
    sha256: str
    size: int


async def before_showing(database: Database, files: Files, scanner: Scanner | None, tender_id: str) -> None:
    """Once every bid is staged, scan their documents. After this each has a row that says what is known of it; again
    changes nothing."""
    async with database.begin(SCANNER) as tx:
        if await unstaged(tx, tender_id):
            return
        documents = await _unasked(tx, tender_id)
    with suppress(TimeoutError):
        async with asyncio.timeout(BUDGET):
            await _scan_each(database, files, scanner, documents)
    async with database.begin(SCANNER) as tx:
        missing = Scan(Verdict.UNANSWERED if scanner else Verdict.NO_SCANNER)
        for one in await _unasked(tx, tender_id):
            await _note(tx, one, missing)


async def later(database: Database, files: Files, scanner: Scanner) -> None:
    """Ask again about what is shown and was not judged yet, the longest waiting first."""
    async with database.begin(SCANNER) as tx:
        waiting = await _waiting(tx)
    await _scan_each(database, files, scanner, waiting)


async def _scan_each(database: Database, files: Files, scanner: Scanner | None, documents: Sequence[Unscanned]) -> None:
    """One after the other. Nothing more is asked of a scanner that does not answer."""
    for one in documents if scanner else ():
        assert scanner
        scan = await _scan(files, scanner, one)
        async with database.begin(SCANNER) as tx:
            await _note(tx, one, scan)
        if scan.verdict is Verdict.UNANSWERED:
            return


async def _scan(files: Files, scanner: Scanner, document: Unscanned) -> Scan:
    try:
        return await scanner.scan(document.size, await files.open("opened", document.sha256))
    except Refused:
        return Scan(Verdict.GONE)


async def _note(tx: Tx, document: Unscanned, scan: Scan) -> None:
    """Keep a verdict, unless there is one. What is found once the bids are shown is a fact at once, else with them."""
    opening = await tx.session.get_one(OpeningRow, document.tender, with_for_update=scan.verdict is Verdict.FOUND)
    values = {"verdict": scan.verdict, "found": scan.found, "looked_at": tx.now}
    kept = insert(DocumentScanRow).values(bid_id=document.bid, number=document.number, **values)
    changed = kept.on_conflict_do_update(
        index_elements=["bid_id", "number"], set_=values, where=DocumentScanRow.verdict.in_(UNJUDGED)
    ).returning(DocumentScanRow.number)
    kept_now = await tx.session.scalar(changed) is not None
    if kept_now and scan.verdict is Verdict.FOUND and opening.shown_at is not None:
        await quarantine(tx, document.tender, document.bid, document.number, scan.found)


async def quarantine(tx: Tx, tender_id: str, bid: str, number: int, found: str) -> None:
    """Say in public that a document is kept from readers. The document stays as it was opened."""
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    fact = DocumentQuarantined(tender=tender_id, bid=bid, document=number, found=found)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _unasked(tx: Tx, tender_id: str) -> list[Unscanned]:
    """The documents that nobody has asked about."""
    rows = await tx.session.execute(
        _DOCUMENTS.outerjoin(DocumentScanRow, _SCAN_OF)
        .where(OpenedBidRow.tender_id == tender_id, DocumentScanRow.bid_id.is_(None))
        .order_by(OpenedBidRow.received_at, OpenedDocumentRow.bid_id, OpenedDocumentRow.number)
    )
    return [Unscanned(*row) for row in rows]


async def _waiting(tx: Tx) -> list[Unscanned]:
    asked = (DocumentScanRow.verdict == Verdict.NO_SCANNER, DocumentScanRow.looked_at < tx.now - AGAIN)
    rows = await tx.session.execute(
        _DOCUMENTS.join(DocumentScanRow, _SCAN_OF)
        .join(OpeningRow, OpeningRow.tender_id == OpenedBidRow.tender_id)
        .where(DocumentScanRow.verdict.in_(UNJUDGED), or_(*asked), OpeningRow.shown_at.is_not(None))
        .order_by(DocumentScanRow.looked_at)
        .limit(BATCH)
    )
    return [Unscanned(*row) for row in rows]


_DOCUMENTS = select(
    OpenedBidRow.tender_id,
    OpenedDocumentRow.bid_id,
    OpenedDocumentRow.number,
    OpenedDocumentRow.sha256,
    OpenedDocumentRow.size,
).join(OpenedBidRow, OpenedBidRow.bid_id == OpenedDocumentRow.bid_id)
_SCAN_OF = (DocumentScanRow.bid_id == OpenedDocumentRow.bid_id) & (DocumentScanRow.number == OpenedDocumentRow.number)
