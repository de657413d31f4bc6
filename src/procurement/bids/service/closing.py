"""Closing: the one-way latch, and what it fixes. Nothing can be opened before it, nothing else after it."""

import logging
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import distinct_on

from procurement.bids.rules.closing import must_agree
from procurement.bids.rules.facts import TenderClosed
from procurement.bids.tables import Bid, BidClosing, BidFinancial, BidReceipt, BidWithdrawal, ClockWatermark
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import system
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing import closing_root
from procurement.keyholder.protocol import FINANCIAL
from procurement.tenders import service as tenders
from procurement.tenders.rules import Tender

CLOSER = system("closing")

log = logging.getLogger(__name__)


class Closing(msgspec.Struct, frozen=True):
    """What closing fixed: how many envelopes, the root over their digests (hex), the ledger record that says so."""

    tender: str
    closed_at: datetime
    bids: int
    root: str
    record_id: int


class FinalEnvelope(msgspec.Struct, frozen=True):
    """An envelope that closing fixed: its canonical bytes, their digest, the ledger record of its bid's receipt. `kind`
    is "single", "technical" or "financial"; `lot` the id of the lot whose prices it holds alone, or ""."""

    bid_id: str
    supplier: str
    version: int
    digest: str
    envelope: bytes
    received_at: datetime
    record_id: int
    kind: str = "single"
    lot: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Its bid and its lot: no two that are opened together have the same."""
        return self.bid_id, self.lot


async def see_time(tx: Tx, keyholder: Keyholder) -> None:
    """Raise the watermark to now, below which no bid is received. Refused("clocks-differ", 503) when the database
    and the keyholder disagree by more than a second: then neither watermark nor latch may follow either of them."""
    real = (await keyholder.clocks()).real
    now = await tx.clock()
    must_agree(tx.real_now, real)
    await tx.session.execute(update(ClockWatermark).where(ClockWatermark.at < now).values(at=now))


async def close(tx: Tx, keyholder: Keyholder, tender_id: str) -> Closing:
    """Close bidding once the deadline has passed; closing a closed tender returns what was fixed then.

    Refused("not-due") before the deadline or for a tender that is not open, ("clocks-differ", 503).
    """
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(P.OPENING_REQUEST, of=tender.buyer)
    if fixed := await closing_of(tx, tender_id):
        return fixed
    await see_time(tx, keyholder)
    await tenders.lock_exclusive(tx, tender_id)
    if fixed := await closing_of(tx, tender_id):  # another closer was faster
        return fixed
    tender = await tenders.tender(tx, tender_id)
    now = await tx.clock()
    await tenders.latch(tx, tender_id)  # refuses before the deadline, and a tender that is not open
    bids, root = closing_root(await _digests(tx, tender_id))
    fact = TenderClosed(tender=tender_id, deadline=tender.deadline or now, closed_at=now, bids=bids, root=root)
    record_id = await tx.record(fact, process=tender.ocid, organisation=tender.buyer)
    tx.session.add(BidClosing(tender_id=tender_id, closed_at=now, bids=bids, root=root, record_id=record_id))
    await tx.session.flush()
    return Closing(tender_id, now, bids, root, record_id)


async def bidders(tx: Tx, tender_id: str) -> int:
    """How many bids closing fixed, whatever the number of their envelopes."""
    return len(await _counting(tx, tender_id))


async def lots_offered(tx: Tx, tender: Tender) -> dict[str, tuple[str, ...]]:
    """The lots (ids, in their order) that each bid (id) has a financial envelope for, once bidding is closed. For
    after the opening: that nobody reads it before is for the caller."""
    offered: dict[str, set[str]] = {}
    for bid_id, lot in await _financial(tx, tender.id, BidFinancial.lot):
        offered.setdefault(bid_id, set()).add(lot)
    return {bid_id: tuple(lot.id for lot in tender.lots if lots & {"", lot.id}) for bid_id, lots in offered.items()}


async def close_if_due(database: Database, keyholder: Keyholder, tender_id: str) -> bool:
    """Close in a transaction of its own: by the sweep, or after the first answer that was given past the deadline.

    Whether it is closed now. A refusal is logged and nothing else: the next sweep tries again.
    """
    try:
        async with database.begin(CLOSER) as tx:
            await close(tx, keyholder, tender_id)
    except Refused as no:
        log.warning("tender %s is not closed: %s", tender_id, no.code)
        return False
    return True


async def closing_of(tx: Tx, tender_id: str) -> Closing | None:
    """What was fixed, or nothing while bidding is not closed. For the opening; the number is not to be shown before."""
    return (await closings_of(tx, [tender_id])).get(tender_id)


async def closings_of(tx: Tx, tender_ids: Iterable[str]) -> dict[str, Closing]:
    """The same for several tenders, by id."""
    rows = await tx.session.scalars(select(BidClosing).where(BidClosing.tender_id.in_(set(tender_ids))))
    return {row.tender_id: Closing(row.tender_id, row.closed_at, row.bids, row.root, row.record_id) for row in rows}


async def final_envelopes(tx: Tx, tender_id: str) -> list[FinalEnvelope]:
    """What is opened first: one envelope for each bid that closing fixed, by digest; of bids that have two the
    technical one. Refused as `fixed_envelopes`."""
    return [one for one in await fixed_envelopes(tx, tender_id) if one.kind != FINANCIAL]


async def financial_envelopes(tx: Tx, tender_id: str) -> list[FinalEnvelope]:
    """What may be opened after the technical decision, by digest. Refused as `fixed_envelopes`."""
    return [one for one in await fixed_envelopes(tx, tender_id) if one.kind == FINANCIAL]


async def fixed_envelopes(tx: Tx, tender_id: str) -> list[FinalEnvelope]:
    """Exactly the envelopes that closing fixed, by digest. Refused("not-closed") before; ("closing-differs", 500) when
    what is stored is not what was fixed."""
    fixed = await closing_of(tx, tender_id)
    if fixed is None:
        raise Refused("not-closed", "Bidding is not closed yet.")
    finals = await _finals(tx, tender_id)
    if closing_root([bid.digest for bid in finals]) != (fixed.bids, fixed.root):
        raise Refused(
            "closing-differs", "The stored bids are not those that closing fixed. Tell the auditor.", status=500
        )
    return finals


async def blob(files: Files, sha256: str) -> AsyncIterator[bytes]:
    """The ciphertext of one sealed part. Refused("file-unknown", 404)."""
    return await files.open("sealed", sha256)


async def _finals(tx: Tx, tender_id: str) -> list[FinalEnvelope]:
    """The envelopes of the latest version of each supplier, unless that version was withdrawn. Earlier versions never
    count again."""
    counting = await _counting(tx, tender_id, Bid, BidReceipt.record_id)
    financial: dict[str, list[BidFinancial]] = {}
    for bid_id, one in await _financial(tx, tender_id, BidFinancial):
        financial.setdefault(bid_id, []).append(one)
    finals = [
        FinalEnvelope(
            bid.id, bid.supplier_id, bid.version, one.digest, one.envelope, bid.received_at, record_id, kind, lot
        )
        for bid_id, bid, record_id in counting
        for one, kind, lot in (
            (bid, bid.kind, ""),
            *((apart, FINANCIAL, apart.lot) for apart in financial.get(bid_id, ())),
        )
    ]
    return sorted(finals, key=lambda bid: bid.digest)


async def _digests(tx: Tx, tender_id: str) -> list[str]:
    """Those of the same, without the envelopes: whoever submits waits for this."""
    counting = {bid_id: digest for bid_id, digest in await _counting(tx, tender_id, Bid.digest)}
    financial = await _financial(tx, tender_id, BidFinancial.digest)
    return [*counting.values(), *(digest for bid_id, digest in financial if bid_id in counting)]


async def _counting(tx: Tx, tender_id: str, *columns: Any) -> list[Any]:
    """(bid id, *columns) of the latest version of each supplier, unless that was withdrawn."""
    withdrawn = await _withdrawn(tx, tender_id)
    latest = (
        select(Bid.id, *columns)
        .select_from(Bid)
        .join(BidReceipt, BidReceipt.bid_id == Bid.id)
        .where(Bid.tender_id == tender_id)
        .ext(distinct_on(Bid.supplier_id))
        .order_by(Bid.supplier_id, Bid.version.desc())
    )
    return [row for row in await tx.session.execute(latest) if row[0] not in withdrawn]


async def _financial(tx: Tx, tender_id: str, *columns: Any) -> list[Any]:
    """(bid id, *columns) of the financial envelopes of every version of every bid."""
    of_tender = select(Bid.id, *columns).join(BidFinancial, BidFinancial.bid_id == Bid.id)
    return list(await tx.session.execute(of_tender.where(Bid.tender_id == tender_id)))


async def _withdrawn(tx: Tx, tender_id: str) -> set[str]:
    return set(await tx.session.scalars(select(BidWithdrawal.bid_id).where(BidWithdrawal.tender_id == tender_id)))
