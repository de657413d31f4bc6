"""Everything together: the fact, the disclosures, the opening record, in one transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete

from procurement.bids import service as bids
from procurement.holders import service as holders
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Tx
from procurement.kernel.canonical import canonical
from procurement.kernel.fact import Visible
from procurement.kernel.permissions import P
from procurement.kernel.scan import Verdict
from procurement.kernel.sealing.receipt import moment
from procurement.opening.rules import BidDisclosed, BidsOpened, Document, OpenedBid
from procurement.opening.rules.unread import Unread, evidence
from procurement.opening.service import scanning, unread
from procurement.opening.service.members import Sharing, sharing
from procurement.opening.service.reading import staged_bids
from procurement.opening.tables import OpeningPaperRow, OpeningRow, ReleasedShareRow
from procurement.rulebooks import service as rulebooks
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


async def show(tx: Tx, tender_id: str) -> None:
    """Show all bids when all are staged; nothing otherwise, nothing the second time, and nothing of a tender that was
    cancelled. Shares are forgotten; of bids that were put out they stay locked, as evidence."""
    await tenders.lock_shared(tx, tender_id)  # nobody cancels it meanwhile
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    if tender.cancelled_at is not None:
        return
    row = await tx.session.get_one(OpeningRow, tender_id, with_for_update=True, populate_existing=True)
    row.problem = ""  # what was in the way is over, whoever is still waited for
    closing = await bids.closing_of(tx, tender_id)
    staged = await staged_bids(tx, tender_id)
    if (
        row.shown_at is not None
        or row.released_at is None
        or closing is None
        or len(staged) != await bids.bidders(tx, tender_id)
    ):
        return
    aloud = await _aloud(tx, tender)
    fact = BidsOpened(
        tender=tender_id, closing=row.leaf, root=closing.root, bids=[disclosed(bid, aloud) for bid in staged]
    )
    shared, put_out = await sharing(tx, tender_id), await unread.put_out(tx, tender_id)
    row.shown_at = await tx.clock()
    row.record = canonical(_record(tender, row, fact, shared, put_out, malware(staged)))
    shares = ReleasedShareRow.tender_id == tender_id, ReleasedShareRow.bid_id.not_in([one.bid for one in put_out])
    await tx.session.execute(delete(ReleasedShareRow).where(*shares))
    if not tender.two_envelopes:  # there the holders are asked again, for the prices
        await holders.finish(tx, tender_id)
    record_id = await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    tx.session.add(OpeningPaperRow(tender_id=tender_id, record_id=record_id))
    for bid, document in quarantined(staged):
        await scanning.quarantine(tx, tender_id, bid, document.number, document.scan.found)
    await ledger.disclose(tx, await _hidden(tx, tender, closing.record_id, aloud), tender.ocid)


async def read_out(tx: Tx, tender_id: str) -> list[BidDisclosed]:
    """What was read out, in the order of receipt; nothing before all bids are shown together."""
    row = await tx.session.get(OpeningRow, tender_id)
    if row is None or row.shown_at is None:
        return []
    aloud = await _aloud(tx, await tenders.tender(tx, tender_id))
    return [disclosed(bid, aloud) for bid in await staged_bids(tx, tender_id)]


def disclosed(bid: OpenedBid, read_out: frozenset[str]) -> BidDisclosed:
    """What the rulebook lets be read out of one bid (Model Law art. 42(3): the name, and the price)."""
    return BidDisclosed(
        bid=bid.bid_id,
        supplier=bid.supplier if "supplier" in read_out else "",
        version=bid.version,
        digest=bid.digest,
        lots=bid.lot_totals if read_out & {"total", "lot-totals"} else {},
        problem=bid.problem_code,
    )


async def _aloud(tx: Tx, tender: Tender) -> frozenset[str]:
    """What the tender's rulebook lets everybody hear of each bid."""
    allowed = (await rulebooks.get(tx, tender.rulebook)).opening
    return frozenset(allowed.read_out if allowed.public else ())


async def _hidden(tx: Tx, tender: Tender, closing: int, read_out: frozenset[str]) -> list[int]:
    """The ledger records to disclose: what was hidden until the opening. Without names, only the closing."""
    if "supplier" not in read_out:
        return [closing]
    return await ledger.hidden(tx.session, tender.ocid, Visible.AT_OPENING)


def quarantined(bids_: Sequence[OpenedBid]) -> list[tuple[str, Document]]:
    """The documents that readers do not get, each with its bid's id."""
    return [(bid.bid_id, document) for bid in bids_ for document in bid.documents if document.quarantined]


def malware(bids_: Sequence[OpenedBid]) -> dict[str, Any]:
    """What the scanner said of the documents until now: how many were clean or not scanned, and what it found."""
    verdicts = [document.scan.verdict for bid in bids_ for document in bid.documents]
    found = quarantined(bids_)
    return {
        "clean": verdicts.count(Verdict.CLEAN),
        "not_scanned": len(verdicts) - verdicts.count(Verdict.CLEAN) - len(found),
        "found": [{"bid": bid, "document": one.number, "found": one.scan.found} for bid, one in found],
    }


def _record(
    tender: Tender,
    row: OpeningRow,
    fact: BidsOpened,
    shared: Sharing | None,
    put_out: Sequence[Unread],
    scanned: dict[str, Any],
) -> dict[str, Any]:
    """The opening record: who acted (by id), when, and what was read out; and who could not read what was put out."""
    assert row.confirmed_at and row.released_at and row.shown_at
    return {
        "type": "opening-record/v1",
        "ocid": tender.ocid,
        "requested_by": row.requested_by,
        "requested_at": moment(row.requested_at),
        "confirmed_by": row.confirmed_by,
        "confirmed_at": moment(row.confirmed_at),
        "released_at": moment(row.released_at),
        **({"shares": who_shared(shared)} if shared else {}),
        **({"put_out": evidence(put_out)} if put_out else {}),
        "opened_at": moment(row.shown_at),
        "malware": scanned,
        "opened": fact,
    }


async def since_first(tx: Tx, tender: Tender) -> list[int]:
    """The ledger records to disclose after the opening of prices: what was hidden of it."""
    aloud = await _aloud(tx, tender)
    return await ledger.hidden(tx.session, tender.ocid, Visible.AT_OPENING) if "supplier" in aloud else []


def who_shared(shared: Sharing) -> list[dict[str, str]]:
    """Which key holders acted, in order of their place: gave, or said that they can read none."""
    return [
        {"holder": one.holder, "office": one.office, name: moment(at)}
        for one in shared.members
        for name, at in (("given_at", one.given_at), ("unable_at", one.unable_at))
        if at
    ]
