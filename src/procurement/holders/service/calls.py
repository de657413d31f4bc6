"""Before an opening: holders are asked to prove anew that they have their keys, and the buyer is told of too few."""

from sqlalchemy import ColumnElement, exists
from sqlalchemy.dialects.postgresql import insert

from procurement.holders.rules import proofs as rules
from procurement.holders.rules.facts import HoldersShort, ProofsAsked
from procurement.holders.rules.model import Chosen
from procurement.holders.service import store
from procurement.holders.tables import CallRow, HolderRow, RosterRow, SeatRow
from procurement.infra.tx import Tx

SHORT = "short"
SOON = max(one.before for one in rules.ROUNDS)


async def call(tx: Tx) -> None:
    """Ask whoever has to be asked, and say what is short, each once for a moment that an opening was set to.

    Two workers at once do it once: the second finds the row of the first.
    """
    of_it = SeatRow.subject == RosterRow.subject, SeatRow.holder_id == HolderRow.id
    ended = exists().where(*of_it, HolderRow.ended_at.is_not(None))
    due = (RosterRow.opening_at <= tx.now + SOON) | ended
    for chosen in await store.rosters(tx, *_awaited(tx), due):
        await _ask(tx, chosen)
        await _warn(tx, chosen)


async def short(tx: Tx, buyer: str) -> list[Chosen]:
    """The buyer's published tenders of which too few holders have proved that they have their keys."""
    found = await store.rosters(tx, RosterRow.buyer == buyer, *_awaited(tx))
    return [one for one in found if rules.is_short(one, tx.now)]


async def _ask(tx: Tx, chosen: Chosen) -> None:
    one = rules.round_now(chosen, tx.now)
    asked = [seat.holder.id for seat in chosen.seats if rules.wanted(chosen, seat.holder, tx.now)]
    if one and asked and chosen.opening_at and await _first(tx, chosen, one.name):
        fact = ProofsAsked(tender=chosen.subject, holders=asked, opening_at=chosen.opening_at)
        await tx.record(fact, process=chosen.process, organisation=chosen.buyer)


async def _warn(tx: Tx, chosen: Chosen) -> None:
    """Once for each round, and once before them when keys have ended."""
    one = rules.round_now(chosen, tx.now)
    if not rules.is_short(chosen, tx.now) or chosen.opening_at is None:
        return
    if await _first(tx, chosen, f"{SHORT}-{one.name}" if one else SHORT):
        fact = HoldersShort(
            tender=chosen.subject,
            proved=rules.proved(chosen, tx.now),
            needed=rules.needed(chosen),
            opening_at=chosen.opening_at,
        )
        await tx.record(fact, process=chosen.process, organisation=chosen.buyer)


async def _first(tx: Tx, chosen: Chosen, what: str) -> bool:
    row = {"subject": chosen.subject, "opening_at": chosen.opening_at, "what": what, "at": tx.now}
    stored = insert(CallRow).values(**row).on_conflict_do_nothing().returning(CallRow.what)
    return await tx.session.scalar(stored) is not None


def _awaited(tx: Tx) -> tuple[ColumnElement[bool], ...]:
    return (RosterRow.frozen_at.is_not(None), RosterRow.ended_at.is_(None), RosterRow.opening_at > tx.now)
