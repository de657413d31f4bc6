"""The way back: a bid that too few key holders could read is opened with its bidder's recovery kit."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from procurement.holders.rules.model import Chosen, State
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import parse_envelope, parse_kit
from procurement.opening import rules
from procurement.opening.service.acts import FIRST, Act, current, named
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


class Rescue(msgspec.Struct, frozen=True):
    """A bidder's own bid that waits for its kit, until a moment at least; `given_at` once it is here. One `without_kit`
    was sealed on the server: it can only wait for a key holder who finds their key."""

    bid: str
    until: datetime
    given_at: datetime | None
    without_kit: bool


async def ask(tx: Tx, tender: Tender, chosen: Chosen, act: Act = FIRST) -> None:
    """Ask the bidders whom nobody else can help, each once: every member answered, or their key has ended, and too few
    could read."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    gave = set(await tx.session.scalars(select(act.given.member).where(act.given.tender_id == tender.id)))
    answered = sum(one.holder.id in gave or one.holder.state is State.ENDED for one in chosen.seats)
    if answered < len(chosen.seats):
        return
    shares = act.shares
    done = select(act.opened.bid_id).where(act.opened.tender_id == tender.id)
    asked = select(act.kits.bid_id).where(act.kits.tender_id == tender.id)
    counted = await tx.session.execute(
        select(shares.bid_id, func.count(shares.given))
        .where(shares.tender_id == tender.id, shares.bid_id.not_in(done), shares.bid_id.not_in(asked))
        .group_by(shares.bid_id)
    )
    lost = {bid for bid, readable in counted if readable < chosen.quorum}
    for bid in await act.envelopes(tx, tender.id) if lost else ():
        if bid.bid_id in lost:
            await _ask(tx, tender, bid.bid_id, bid.supplier, act)


async def rescues(tx: Tx, tender_id: str, act: Act = FIRST) -> list[Rescue]:
    """The acting organisation's own bid that waits for its kit, if it does, for whoever may submit its bids: only they
    are told, and only they can bring the kit."""
    if not tx.actor.may(P.BID_SUBMIT, of=tx.actor.organisation):
        return []
    mine = act.kits.tender_id == tender_id, act.kits.supplier_id == tx.actor.organisation
    rows = list(await tx.session.scalars(select(act.kits).where(*mine, act.kits.put_out_at.is_(None))))
    finals = {bid.bid_id: bid for bid in await act.envelopes(tx, tender_id)} if rows else {}
    return [
        Rescue(row.bid_id, row.until, row.given_at, parse_envelope(finals[row.bid_id].envelope).sealed_by == "server")
        for row in rows
    ]


async def give_kit(tx: Tx, tender_id: str, data: bytes) -> None:
    """The bidder gives the key of its own bid, of two envelopes of the one that is opened. The same again changes
    nothing.

    Refused("bid-unknown", 404) unless it was asked, ("tender-cancelled"), ("kit-late") once it was put out,
    ("kit-malformed", 422) and ("identity-differs", 422) for the kit of another bid or version.
    """
    tx.actor.must(P.BID_SUBMIT, of=tx.actor.organisation)
    await tenders.lock_shared(tx, tender_id)
    if (await tenders.tender(tx, tender_id)).cancelled_at is not None:
        raise Refused("tender-cancelled", "This tender was cancelled. Its bids stay sealed.")
    act = await current(tx, tender_id)
    mine = act.kits.tender_id == tender_id, act.kits.supplier_id == tx.actor.organisation
    row = await tx.session.scalar(select(act.kits).where(*mine).with_for_update())
    if row is None:
        raise unknown("bid")
    opening = await tx.session.get_one(act.row, tender_id)
    if row.given_at is not None or opening.shown_at is not None:
        return
    if row.put_out_at is not None:
        raise Refused("kit-late", "Two people of the buyer decided not to wait for this bid any longer.")
    await tx.clock()
    kit = parse_kit(data)
    bid = next(one for one in await act.envelopes(tx, tender_id) if one.bid_id == row.bid_id)
    if (kit.digest, kit.recipient) != (bid.digest, parse_envelope(bid.envelope).recipient):
        raise Refused("identity-differs", "This kit is of another bid, or of another version of yours.", status=422)
    row.identity, row.given_at = kit.identity, tx.now
    fact = rules.KitGiven(bid=row.bid_id, supplier=row.supplier_id, **await _named(tx, tender_id, act))
    await tx.record(fact, process=(await tenders.tender(tx, tender_id)).ocid, organisation=row.supplier_id)


async def _ask(tx: Tx, tender: Tender, bid: str, supplier: str, act: Act) -> None:
    until = tx.now + rules.KIT_WAIT
    values = {"bid_id": bid, "tender_id": tender.id, "supplier_id": supplier, "asked_at": tx.now, "until": until}
    made = insert(act.kits).values(**values).on_conflict_do_nothing().returning(act.kits.bid_id)
    if await tx.session.scalar(made) is not None:
        fact = rules.KitAsked(bid=bid, supplier=supplier, until=until, **await _named(tx, tender.id, act))
        await tx.record(fact, process=tender.ocid, organisation=supplier)


async def _named(tx: Tx, tender_id: str, act: Act) -> dict[str, str]:
    """What a fact of a kit says of its opening: nothing of the closing, which the tender has once."""
    return {name: word for name, word in (await named(tx, tender_id, act)).items() if name != "closing"}
