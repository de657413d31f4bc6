"""From the recorded intent to the reading out of prices: released, shared and joined, staged, shown together.

Every step may be killed and repeated, as in the first opening.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET
from sqlalchemy import delete, select, tuple_, update

from procurement.bids import service as bids
from procurement.holders import service as holders
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger import service as ledger
from procurement.infra.tx import Database, Tx
from procurement.kernel.canonical import canonical
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.receipt import moment
from procurement.opening.rules import OpenedPrices, PriceDisclosed, PricesOpened
from procurement.opening.rules.financial import Priced
from procurement.opening.rules.unread import Unread
from procurement.opening.rules.unread import evidence as as_evidence
from procurement.opening.service import removing, unread
from procurement.opening.service.acts import PRICES, decision_leaf
from procurement.opening.service.each import OPENER, open_each
from procurement.opening.service.financial.reading import aloud, as_financial, staged_prices
from procurement.opening.service.members import Sharing, sharing
from procurement.opening.service.reading import staged_bids
from procurement.opening.service.releasing import grant_prices
from procurement.opening.service.showing import since_first, who_shared
from procurement.opening.tables import FinancialOpeningRow, PriceShareRow
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


async def advance_prices(database: Database, keyholder: Keyholder, files: Files, tender_id: str) -> None:
    """Go as far as possible. Refused for what is our own fault: it is tried again later. What was released is asked for
    again where the keyholder forgot it."""
    async with database.begin(OPENER) as tx:
        tender = await tenders.tender(tx, tender_id)
        if tender.cancelled_at is not None:
            return await removing.remove_prices(tx, tender)
        leaf = await _release(tx, keyholder, tender)
        await bids.members(tx, tender)
        roster = await holders.roster(tx, tender_id)
    try:
        await open_each(database, keyholder, files, tender, leaf, roster, PRICES)
    except Refused as no:
        if no.code == "not-released":
            async with database.begin(OPENER) as tx:
                await grant_prices(tx, keyholder, tender)
        raise
    async with database.begin(OPENER) as tx:
        await _show(tx, tender_id, leaf)


async def note_prices_problem(tx: Tx, tender_id: str, problem: str) -> None:
    """What officers read while it waits for us."""
    tx.actor.must(P.OPENING_CONFIRM, of=(await tenders.tender(tx, tender_id)).buyer)
    waiting = (FinancialOpeningRow.tender_id == tender_id, FinancialOpeningRow.shown_at.is_(None))
    await tx.session.execute(update(FinancialOpeningRow).where(*waiting).values(problem=problem[:500]))


async def _release(tx: Tx, keyholder: Keyholder, tender: Tender) -> str:
    """Have exactly the envelopes of those who passed released; returns the leaf hash that they were released by."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    row = await tx.session.get_one(FinancialOpeningRow, tender.id, with_for_update=True)
    if row.released_at is None:
        await grant_prices(tx, keyholder, tender)
        row.released_at = await tx.clock()
    return await decision_leaf(tx, row)


async def _show(tx: Tx, tender_id: str, leaf: str) -> None:
    """Show all prices when all are staged; nothing otherwise, nothing the second time, and nothing of a tender that was
    cancelled."""
    await tenders.lock_shared(tx, tender_id)  # nobody cancels it meanwhile
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    query = select(FinancialOpeningRow).where(FinancialOpeningRow.tender_id == tender_id).with_for_update()
    row = (await tx.session.scalars(query.execution_options(populate_existing=True))).one()
    row.problem = ""  # as of the first opening
    staged = {(one.bid_id, one.lot): one for prices in (await staged_prices(tx, tender_id)).values() for one in prices}
    if tender.cancelled_at is not None or row.shown_at is not None or set(staged) != set(as_financial(row).passed):
        return
    fact = PricesOpened(tender=tender_id, decision=leaf, bids=await _disclosed(tx, tender, staged))
    shared, put_out = await sharing(tx, tender_id, PRICES), await unread.put_out(tx, tender_id, PRICES)
    row.shown_at = await tx.clock()
    row.record = canonical(_record(tender, row, fact, shared, put_out))
    kept = tuple_(PriceShareRow.bid_id, PriceShareRow.lot).in_([(one.bid, one.lot) for one in put_out])
    await tx.session.execute(delete(PriceShareRow).where(PriceShareRow.tender_id == tender_id, ~kept))
    await holders.finish(tx, tender_id)
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    await ledger.disclose(tx, await since_first(tx, tender), tender.ocid)


async def _disclosed(tx: Tx, tender: Tender, staged: Mapping[Priced, OpenedPrices]) -> list[PriceDisclosed]:
    """What is read out, in the order of receipt, and of each bid in the order of the lots."""
    said = await aloud(tx, tender)
    wanted = [(bid.bid_id, lot) for bid in await staged_bids(tx, tender.id) for lot in tender.lots_apart or ("",)]
    return [
        PriceDisclosed(
            bid=one.bid_id,
            digest=one.digest,
            lots=one.lot_totals if said else {},
            problem=one.problem_code,
            lot=one.lot or UNSET,
        )
        for key in wanted
        if (one := staged.get(key))
    ]


def _record(
    tender: Tender, row: FinancialOpeningRow, fact: PricesOpened, shared: Sharing | None, put_out: Sequence[Unread]
) -> dict[str, Any]:
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
        **({"shares": who_shared(shared)} if shared else {}),
        **({"put_out": as_evidence(put_out)} if put_out else {}),
        "opened_at": moment(row.shown_at),
        "opened": fact,
    }
