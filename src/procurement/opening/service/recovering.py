"""The way back: a bid that too few key holders opened is opened with its bidder's recovery kit."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from procurement.bids.service import FinalEnvelope
from procurement.holders.rules.model import Chosen, State
from procurement.infra.tx import Tx
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import Kit, parse_envelope, parse_kit
from procurement.opening import rules
from procurement.opening.rules.unread import bidders_asked_at
from procurement.opening.service.acts import FIRST, Act, current, named
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


class Rescue(msgspec.Struct, frozen=True):
    """A bidder's own bid that waits for its kit, until a moment at least; `given_at` once it is here. `lot` is the one
    whose price it is about, where lots are priced apart, else "". One `without_kit` was sealed on the server: it can
    only wait for a key holder who finds their key."""

    bid: str
    lot: str
    until: datetime
    given_at: datetime | None
    without_kit: bool


async def ask(tx: Tx, tender: Tender, chosen: Chosen, act: Act = FIRST) -> None:
    """Ask the bidders whose bids too few members opened, each once: when every member answered or their key has ended,
    and of those who are silent when they had their time. Whoever gives later still opens the bid."""
    tx.actor.must(P.OPENING_CONFIRM, of=tender.buyer)
    gave = set(await tx.session.scalars(select(act.given.member).where(act.given.tender_id == tender.id)))
    answered = sum(one.holder.id in gave or one.holder.state is State.ENDED for one in chosen.seats)
    at = bidders_asked_at((await tx.session.get_one(act.row, tender.id)).shared_at)
    if answered < len(chosen.seats) and (at is None or tx.now < at):
        return
    shares = act.shares
    asked = select(act.kits.bid_id, act.kits.lot).where(act.kits.tender_id == tender.id)
    counted = await tx.session.execute(
        select(shares.bid_id, shares.lot, func.count(shares.given))
        .where(shares.tender_id == tender.id, act.dealt.not_in(act.staged(tender.id)), act.dealt.not_in(asked))
        .group_by(shares.bid_id, shares.lot)
    )
    lost = {(bid_id, lot) for bid_id, lot, readable in counted if readable < chosen.quorum}
    for bid in await act.envelopes(tx, tender.id) if lost else ():
        if bid.key in lost:
            await _ask(tx, tender, bid, act)


async def rescues(tx: Tx, tender_id: str, act: Act = FIRST) -> list[Rescue]:
    """The acting organisation's own bid that waits for its kit, if it does (of prices that are apart by lot, each that
    does), for whoever may submit its bids: only they are told, and only they can bring the kit."""
    if not tx.actor.may(P.BID_SUBMIT, of=tx.actor.organisation):
        return []
    mine = act.kits.tender_id == tender_id, act.kits.supplier_id == tx.actor.organisation
    rows = list(await tx.session.scalars(select(act.kits).where(*mine, act.kits.put_out_at.is_(None))))
    finals = {bid.key: bid for bid in await act.envelopes(tx, tender_id)} if rows else {}
    return [
        Rescue(
            bid=row.bid_id,
            lot=row.lot,
            until=row.until,
            given_at=row.given_at,
            without_kit=parse_envelope(finals[row.bid_id, row.lot].envelope).sealed_by == "server",
        )
        for row in rows
    ]


async def give_kit(tx: Tx, tender_id: str, data: bytes) -> None:
    """The bidder gives the key of its own bid; of several envelopes, of one that is opened and waits for it. The same
    again changes nothing.

    Refused("bid-unknown", 404) unless it was asked, ("tender-cancelled"), ("kit-late") once it was put out,
    ("kit-malformed", 422) and ("identity-differs", 422) for the kit of another bid or version.
    """
    tx.actor.must(P.BID_SUBMIT, of=tx.actor.organisation)
    await tenders.lock_shared(tx, tender_id)
    if (await tenders.tender(tx, tender_id)).cancelled_at is not None:
        raise Refused("tender-cancelled", "This tender was cancelled. Its bids stay sealed.")
    act = await current(tx, tender_id)
    mine = act.kits.tender_id == tender_id, act.kits.supplier_id == tx.actor.organisation
    waiting = await tx.session.scalars(select(act.kits).where(*mine).with_for_update())
    rows = {(row.bid_id, row.lot): row for row in waiting}
    if not rows:
        raise unknown("bid")
    opening = await tx.session.get_one(act.row, tender_id)
    if opening.shown_at is not None or all(row.given_at is not None for row in rows.values()):
        return
    kit = parse_kit(data)
    row = rows[await _opened_by(tx, tender_id, kit, rows, act)]
    if row.given_at is not None:
        return
    if row.put_out_at is not None:
        raise Refused("kit-late", "Two people of the buyer decided not to wait for this bid any longer.")
    await tx.clock()
    row.identity, row.given_at = kit.identity, tx.now
    fact = rules.KitGiven(bid=row.bid_id, supplier=row.supplier_id, **await _named(tx, tender_id, act, row.lot))
    await tx.record(fact, process=(await tenders.tender(tx, tender_id)).ocid, organisation=row.supplier_id)


async def _opened_by(tx: Tx, tender_id: str, kit: Kit, asked: Collection[tuple[str, str]], act: Act) -> tuple[str, str]:
    """Which of the envelopes that were asked for the kit is of: its key tells, also where it was saved before there was
    a digest. Refused("identity-differs", 422)."""
    for bid in await act.envelopes(tx, tender_id):
        same = kit.digest in ("", bid.digest) and kit.recipient == parse_envelope(bid.envelope).recipient
        if same and bid.key in asked:
            return bid.key
    raise Refused("identity-differs", "This kit is of another bid, or of another version of yours.", status=422)


async def _ask(tx: Tx, tender: Tender, bid: FinalEnvelope, act: Act) -> None:
    until = tx.now + rules.KIT_WAIT
    of = {"bid_id": bid.bid_id, "tender_id": tender.id, "supplier_id": bid.supplier}
    values = of | ({"lot": bid.lot} if bid.lot else {}) | {"asked_at": tx.now, "until": until}
    made = insert(act.kits).values(**values).on_conflict_do_nothing().returning(act.kits.bid_id)
    if await tx.session.scalar(made) is not None:
        names = await _named(tx, tender.id, act, bid.lot)
        fact = rules.KitAsked(bid=bid.bid_id, supplier=bid.supplier, until=until, **names)
        await tx.record(fact, process=tender.ocid, organisation=bid.supplier)


async def _named(tx: Tx, tender_id: str, act: Act, lot: str) -> dict[str, str]:
    """What a fact of a kit says of its opening: nothing of the closing, which the tender has once."""
    names = {name: word for name, word in (await named(tx, tender_id, act)).items() if name != "closing"}
    return names | ({"lot": lot} if lot else {})
