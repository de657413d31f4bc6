"""From the recorded intent to the reading out of prices: released, staged one by one, shown together.

Every step may be killed and repeated, as in the first opening.
"""

from typing import Any

import msgspec
from sqlalchemy import null, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.bids import service as bids
from procurement.bids.service import FinalEnvelope
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.canonical import canonical
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import must_name_roster, parse_envelope
from procurement.kernel.sealing.receipt import moment
from procurement.keyholder.protocol import FINANCIAL
from procurement.keyholder.protocol import Opening as Asked
from procurement.keyholder.rules import leaf_of
from procurement.opening.rules import PriceDisclosed, PricesOpened
from procurement.opening.service.evidence import evidence
from procurement.opening.service.financial.reading import aloud, staged_prices
from procurement.opening.service.reading import staged_bids
from procurement.opening.service.staging import LOST, OURS, Opened, open_bid
from procurement.opening.tables import FinancialOpeningRow, OpenedPriceRow
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender

OPENER = system("opening")


async def advance_prices(database: Database, keyholder: Keyholder, files: Files, tender_id: str) -> None:
    """Go as far as possible. Refused for what is our own fault: it is tried again later."""
    async with database.begin(OPENER) as tx:
        tender = await tenders.tender(tx, tender_id)
        if tender.cancelled_at is not None:
            return
        leaf = await _release(tx, keyholder, tender)
        waiting = await _unstaged(tx, tender_id)
    for bid in waiting:
        opened = await _open(database, keyholder, files, tender, leaf, bid)
        async with database.begin(OPENER) as tx:
            await _stage(tx, tender, bid, opened)
    async with database.begin(OPENER) as tx:
        await _show(tx, tender_id, leaf)


async def note_prices_problem(tx: Tx, tender_id: str, problem: str) -> None:
    """What officers read while it waits for us."""
    tx.actor.must(P.OPENING_CONFIRM, of=(await tenders.tender(tx, tender_id)).buyer)
    waiting = (FinancialOpeningRow.tender_id == tender_id, FinancialOpeningRow.shown_at.is_(None))
    await tx.session.execute(update(FinancialOpeningRow).where(*waiting).values(problem=problem[:500]))


async def _release(tx: Tx, keyholder: Keyholder, tender: Tender) -> str:
    """Have exactly the envelopes of those who passed released; returns the decision's leaf hash."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    row = await tx.session.get_one(FinancialOpeningRow, tender.id, with_for_update=True)
    proof = await evidence(tx, row.record_id)
    if row.released_at is None:
        digests = tuple(one.digest for one in await _passed(tx, row))
        await keyholder.release(Asked(tender.id, kind=FINANCIAL), proof, digests)
        row.released_at = await tx.clock()
    return leaf_of(proof)


async def _passed(tx: Tx, row: FinancialOpeningRow) -> list[FinalEnvelope]:
    return [one for one in await bids.financial_envelopes(tx, row.tender_id) if one.bid_id in row.passed]


async def _unstaged(tx: Tx, tender_id: str) -> list[FinalEnvelope]:
    row, done = await tx.session.get_one(FinancialOpeningRow, tender_id), await staged_prices(tx, tender_id)
    return [one for one in await _passed(tx, row) if one.bid_id not in done]


async def _open(
    database: Database, keyholder: Keyholder, files: Files, tender: Tender, leaf: str, bid: FinalEnvelope
) -> Opened:
    """What was inside, or the refusal that the bid itself deserves. Raises what is our own fault."""
    try:
        must_name_roster(parse_envelope(bid.envelope), None)
        return await open_bid(files, tender, bid, await keyholder.unlock(leaf, bid.envelope))
    except Refused as no:
        if no.code in LOST:
            await bids.note_lost(database, files, bid)
        if no.code in OURS:
            raise
        return no


async def _stage(tx: Tx, tender: Tender, bid: FinalEnvelope, opened: Opened) -> None:
    """Keep what was found. A second worker that found the same changes nothing."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    values: dict[str, Any] = {"bid_id": bid.bid_id, "tender_id": tender.id, "digest": bid.digest, "staged_at": tx.now}
    if isinstance(opened, Refused):
        values |= {"prices": null(), "problem_code": opened.code, "problem": opened.detail.replace("\0", "")}
    else:
        values["prices"] = msgspec.to_builtins(opened[0].prices)
    await tx.session.execute(insert(OpenedPriceRow).values(**values).on_conflict_do_nothing())


async def _show(tx: Tx, tender_id: str, leaf: str) -> None:
    """Show all prices when all are staged; nothing otherwise, nothing the second time, and nothing of a tender that was
    cancelled."""
    await tenders.lock_shared(tx, tender_id)  # nobody cancels it meanwhile
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    query = select(FinancialOpeningRow).where(FinancialOpeningRow.tender_id == tender_id).with_for_update()
    row = (await tx.session.scalars(query.execution_options(populate_existing=True))).one()
    staged = await staged_prices(tx, tender_id)
    if tender.cancelled_at is not None or row.shown_at is not None or set(staged) != set(row.passed):
        return
    said = await aloud(tx, tender)
    ordered = [staged[bid.bid_id] for bid in await staged_bids(tx, tender_id) if bid.bid_id in staged]
    disclosed = [
        PriceDisclosed(bid=one.bid_id, digest=one.digest, lots=one.lot_totals if said else {}, problem=one.problem_code)
        for one in ordered
    ]
    fact = PricesOpened(tender=tender_id, decision=leaf, bids=disclosed)
    row.shown_at, row.problem = await tx.clock(), ""
    row.record = canonical(_record(tender, row, fact))
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


def _record(tender: Tender, row: FinancialOpeningRow, fact: PricesOpened) -> dict[str, Any]:
    """The record of the second opening: who acted (by id), when, and what was read out."""
    assert row.requested_at and row.confirmed_at and row.released_at and row.shown_at
    return {
        "type": "prices-record/v1",
        "ocid": tender.ocid,
        "decided_at": moment(row.decided_at),
        "requested_by": row.requested_by,
        "requested_at": moment(row.requested_at),
        "confirmed_by": row.confirmed_by,
        "confirmed_at": moment(row.confirmed_at),
        "released_at": moment(row.released_at),
        "opened_at": moment(row.shown_at),
        "opened": fact,
    }
