"""Bids that too few key holders opened: who said what of each, and the two people who decide not to wait."""

import hashlib
from collections.abc import Mapping, Sequence

from msgspec import UNSET
from sqlalchemy import ColumnElement, select

from procurement.bids.service import FinalEnvelope
from procurement.holders import service as holders
from procurement.holders.rules.model import Chosen, State
from procurement.identity import service as identity
from procurement.infra.tx import Tx
from procurement.kernel.fact import Fact
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing import parse_envelope
from procurement.opening.rules import unread as rules
from procurement.opening.rules.unread import Reader, Said, Unread
from procurement.opening.service.acts import FIRST, Act, current
from procurement.opening.tables import KitRow, ShareRow
from procurement.tenders import service as tenders
from procurement.tenders.rules.model import Tender


async def waiting(tx: Tx, tender_id: str, act: Act = FIRST) -> tuple[Unread, ...]:
    """The bids that hold up an opening until a key holder, their bidder or two people end it, by digest."""
    still = act.kits.given_at.is_(None), act.kits.put_out_at.is_(None), act.rescued.not_in(act.staged(tender_id))
    found, quorum = await _unread(tx, tender_id, act, *still)
    return tuple(one for one in found if one.could_read < quorum)


async def for_readers(tx: Tx, tender_id: str) -> list[Unread]:
    """The same for the buyer's people and auditors. Refused("not-permitted", 403) for anybody else."""
    tx.actor.must(P.OPENING_READ, of=(await tenders.tender(tx, tender_id)).buyer)
    return list(await waiting(tx, tender_id, await current(tx, tender_id)))


async def put_out(tx: Tx, tender_id: str, act: Act = FIRST) -> tuple[Unread, ...]:
    """The bids without which two people decided to go on, by digest."""
    found, _ = await _unread(tx, tender_id, act, act.kits.put_out_at.is_not(None))
    return found


async def propose(tx: Tx, tender_id: str, bid_id: str, reason: str, lot: str = "") -> None:
    """Propose to go on without a bid, for a public reason; without its price for a `lot`, where lots are priced apart.
    Again replaces what was proposed.

    Refused("bid-unknown", 404) unless it waits, ("kit-awaited"), ("form-invalid", 422), ("step-up-needed", 403).
    """
    tender, row, one = await _held(tx, tender_id, (bid_id, lot), P.OPENING_REQUEST)
    rules.must_be_waited_for_long_enough(one, tx.now)
    row.reason, row.proposed_by, row.proposed_at = rules.reason_given(reason), tx.actor.person, tx.now
    await _note(tx, tender, rules.PutOutProposed(tender=tender_id, bid=bid_id, reason=row.reason, lot=lot or UNSET))


async def agree(tx: Tx, tender_id: str, bid_id: str, lot: str = "") -> None:
    """Go on without it, as the second person: with the commit neither shares nor its kit are taken any more.

    Refused as `propose`; ("not-proposed"), ("same-person", 403).
    """
    tender, row, one = await _proposed(tx, tender_id, (bid_id, lot))
    rules.must_be_waited_for_long_enough(one, tx.now)
    row.put_out_by, row.put_out_at = tx.actor.person, tx.now
    row.silent = [reader.holder for reader in one.readers if reader.said is Said.NOTHING]
    await _note(tx, tender, rules.put_out(tender_id, one))


async def wait_on(tx: Tx, tender_id: str, bid_id: str, lot: str = "") -> None:
    """Refuse the proposal, as the second person: the opening waits on. Refused as `agree`."""
    tender, row, _ = await _proposed(tx, tender_id, (bid_id, lot))
    row.reason = row.proposed_by = row.proposed_at = None
    await _note(tx, tender, rules.PutOutRefused(tender=tender_id, bid=bid_id, lot=lot or UNSET))


async def _proposed(tx: Tx, tender_id: str, key: tuple[str, str]) -> tuple[Tender, KitRow, Unread]:
    tender, row, one = await _held(tx, tender_id, key, P.OPENING_CONFIRM)
    if not one.proposed_by:
        raise Refused("not-proposed", "Nobody has proposed to go on without this bid.")
    asked = one.proposed_by, one.proposed_at
    await identity.must_be_two_people(tx, tender.buyer, *asked, did=P.OPENING_REQUEST, does=P.OPENING_CONFIRM)
    return tender, row, one


async def _held(tx: Tx, tender_id: str, key: tuple[str, str], permission: P) -> tuple[Tender, KitRow, Unread]:
    """The bid, by id and lot, while nobody cancels the tender, gives a share or brings the kit."""
    tender = await tenders.tender(tx, tender_id)
    tx.actor.must(permission, of=tender.buyer)
    tx.actor.must_be_stepped_up(tx.real_now)
    await tenders.lock_shared(tx, tender_id)
    act = await current(tx, tender_id)
    await tx.session.get(act.row, tender_id, with_for_update=True)
    fresh = select(act.kits).where(act.kits.bid_id == key[0], act.kits.lot == key[1]).with_for_update()
    row = await tx.session.scalar(fresh.execution_options(populate_existing=True))
    await tx.clock()
    cancelled = (await tenders.tender(tx, tender_id)).cancelled_at is not None
    found = [one for one in await waiting(tx, tender_id, act) if (one.bid, one.lot) == key]
    if row is None or cancelled or not found:
        raise unknown("bid")
    return tender, row, found[0]


async def _note(tx: Tx, tender: Tender, fact: Fact) -> None:
    await tx.session.flush()
    await tx.record(fact, process=tender.ocid, organisation=tender.buyer)


async def _unread(tx: Tx, tender_id: str, act: Act, *which: ColumnElement[bool]) -> tuple[tuple[Unread, ...], int]:
    """Those of the recoveries, and how many key holders open a bid."""
    query = select(act.kits).where(act.kits.tender_id == tender_id, *which)
    rows = {(row.bid_id, row.lot): row for row in await tx.session.scalars(query)}
    chosen = await holders.roster(tx, tender_id) if rows else None
    if chosen is None:
        return (), 0
    readers = await _readers(tx, tender_id, act, rows, chosen)
    finals = [bid for bid in await act.envelopes(tx, tender_id) if bid.key in rows]
    found = [_one(bid, rows[bid.key], readers.get(bid.key, ())) for bid in finals]
    return tuple(sorted(found, key=lambda one: one.digest)), chosen.quorum


async def _readers(
    tx: Tx, tender_id: str, act: Act, rows: Mapping[tuple[str, str], KitRow], chosen: Chosen
) -> dict[tuple[str, str], list[Reader]]:
    """By bid and lot, in order of their place. Who answered did so for every bid, and stays who could read it when the
    share itself is deleted; who was silent when it was put out stays silent."""
    gave = select(act.given.member).where(act.given.tender_id == tender_id)
    answered = set(await tx.session.scalars(gave))
    readers: dict[tuple[str, str], list[Reader]] = {}
    kept = select(act.shares).where(act.dealt.in_(list(rows))).order_by(act.shares.place)
    for share in await tx.session.scalars(kept):
        silent = share.member in (rows[share.bid_id, share.lot].silent or ()) or share.member not in answered
        said = Said.UNREADABLE if share.unreadable else Said.NOTHING if silent else Said.READ
        readers.setdefault((share.bid_id, share.lot), []).append(_reader(share, chosen, said))
    return readers


def _one(bid: FinalEnvelope, row: KitRow, readers: Sequence[Reader]) -> Unread:
    return Unread(
        bid=bid.bid_id,
        digest=bid.digest,
        until=row.until,
        decided_from=rules.decided_from(row.asked_at, row.until, readers),
        without_kit=parse_envelope(bid.envelope).sealed_by == "server",
        readers=tuple(readers),
        proposed_by=row.proposed_by or "",
        proposed_at=row.proposed_at,
        reason=row.reason or "",
        put_out_at=row.put_out_at,
        lot=bid.lot,
    )


def _reader(share: ShareRow, chosen: Chosen, said: Said) -> Reader:
    holder = chosen.seats[share.place - 1].holder
    return Reader(
        holder=holder.id,
        office=holder.office,
        organisation=holder.organisation,
        said=said,
        commit=share.sha256,
        ct=hashlib.sha256(share.ct.encode()).hexdigest(),
        ended=holder.state is State.ENDED,
    )
