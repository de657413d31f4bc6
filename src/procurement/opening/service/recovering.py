"""The way back: a bid that too few key holders could read is opened with its bidder's recovery kit."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from procurement.bids import service as bids
from procurement.holders.rules.model import Chosen, State
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import parse_envelope, parse_kit
from procurement.opening import rules
from procurement.opening.tables import OpenedBidRow, OpeningRow, RecoveryRow, ReleasedShareRow, SharesGivenRow
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


class Rescue(msgspec.Struct, frozen=True):
    """A bidder's own bid that waits for its kit, until a moment at least; `given_at` once it is here. One `without_kit`
    was sealed on the server: it can only wait for a key holder who finds their key."""

    bid: str
    until: datetime
    given_at: datetime | None
    without_kit: bool


async def ask(tx: Tx, tender: Tender, chosen: Chosen) -> None:
    """Ask the bidders whom nobody else can help, each once: every member answered, or their key has ended, and too few
    could read."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    gave = set(await tx.session.scalars(select(SharesGivenRow.member).where(SharesGivenRow.tender_id == tender.id)))
    answered = sum(one.holder.id in gave or one.holder.state is State.ENDED for one in chosen.seats)
    if answered < len(chosen.seats):
        return
    of_tender = ReleasedShareRow.tender_id == tender.id
    done = select(OpenedBidRow.bid_id).where(OpenedBidRow.tender_id == tender.id)
    asked = select(RecoveryRow.bid_id).where(RecoveryRow.tender_id == tender.id)
    counted = await tx.session.execute(
        select(ReleasedShareRow.bid_id, func.count(ReleasedShareRow.given))
        .where(of_tender, ReleasedShareRow.bid_id.not_in(done), ReleasedShareRow.bid_id.not_in(asked))
        .group_by(ReleasedShareRow.bid_id)
    )
    lost = {bid for bid, readable in counted if readable < chosen.quorum}
    for bid in await bids.final_envelopes(tx, tender.id) if lost else ():
        if bid.bid_id in lost:
            await _ask(tx, tender, bid.bid_id, bid.supplier)


async def rescues(tx: Tx, tender_id: str) -> list[Rescue]:
    """The acting organisation's own bid that waits for its kit, if it does, for whoever may submit its bids: only they
    are told, and only they can bring the kit."""
    if not tx.actor.may(P.BID_SUBMIT, of=tx.actor.organisation):
        return []
    mine = RecoveryRow.tender_id == tender_id, RecoveryRow.supplier_id == tx.actor.organisation
    rows = list(await tx.session.scalars(select(RecoveryRow).where(*mine, RecoveryRow.put_out_at.is_(None))))
    finals = {bid.bid_id: bid for bid in await bids.final_envelopes(tx, tender_id)} if rows else {}
    return [
        Rescue(row.bid_id, row.until, row.given_at, parse_envelope(finals[row.bid_id].envelope).sealed_by == "server")
        for row in rows
    ]


async def give_kit(tx: Tx, tender_id: str, data: bytes) -> None:
    """The bidder gives the key of its own bid. The same again changes nothing.

    Refused("bid-unknown", 404) unless it was asked, ("tender-cancelled"), ("kit-late") once it was put out,
    ("kit-malformed", 422) and ("identity-differs", 422) for the kit of another bid or version.
    """
    tx.actor.must(P.BID_SUBMIT, of=tx.actor.organisation)
    await tenders.lock_shared(tx, tender_id)
    if (await tenders.tender(tx, tender_id)).cancelled_at is not None:
        raise Refused("tender-cancelled", "This tender was cancelled. Its bids stay sealed.")
    mine = RecoveryRow.tender_id == tender_id, RecoveryRow.supplier_id == tx.actor.organisation
    row = await tx.session.scalar(select(RecoveryRow).where(*mine).with_for_update())
    if row is None:
        raise unknown("bid")
    opening = await tx.session.get_one(OpeningRow, tender_id)
    if row.given_at is not None or opening.shown_at is not None:
        return
    if row.put_out_at is not None:
        raise Refused("kit-late", "Two people of the buyer decided not to wait for this bid any longer.")
    await tx.clock()
    kit = parse_kit(data)
    bid = next(one for one in await bids.final_envelopes(tx, tender_id) if one.bid_id == row.bid_id)
    if (kit.digest, kit.recipient) != (bid.digest, parse_envelope(bid.envelope).recipient):
        raise Refused("identity-differs", "This kit is of another bid, or of another version of yours.", status=422)
    row.identity, row.given_at = kit.identity, tx.now
    fact = rules.KitGiven(tender=tender_id, bid=row.bid_id, supplier=row.supplier_id)
    await tx.record(fact, process=(await tenders.tender(tx, tender_id)).ocid, organisation=row.supplier_id)


async def _ask(tx: Tx, tender: Tender, bid: str, supplier: str) -> None:
    until = tx.now + rules.KIT_WAIT
    values = {"bid_id": bid, "tender_id": tender.id, "supplier_id": supplier, "asked_at": tx.now, "until": until}
    made = insert(RecoveryRow).values(**values).on_conflict_do_nothing().returning(RecoveryRow.bid_id)
    if await tx.session.scalar(made) is not None:
        fact = rules.KitAsked(tender=tender.id, bid=bid, supplier=supplier, until=until)
        await tx.record(fact, process=tender.ocid, organisation=supplier)
