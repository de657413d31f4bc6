"""Rosters: chosen while a tender is a draft, signed by every holder, frozen when it is published.

This stage knows nothing of tenders: whoever asks says what the subject is, and asks for permission.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Select, delete, select, update

from procurement.holders.rules import facts
from procurement.holders.rules import rosters as rules
from procurement.holders.rules.model import Chosen, Holder, Level
from procurement.holders.rules.rosters import Asked
from procurement.holders.service import store
from procurement.holders.service.keys import is_ours, must_own
from procurement.holders.tables import RosterRow, SeatRow
from procurement.infra.tx import Tx
from procurement.kernel.canonical import sha256_hex
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, unknown
from procurement.kernel.sealing.roster import roster_bytes

MOST = 100  # rosters in a list


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a roster is for, in the words of whoever asks: the tender's id, its process, buyer and title."""

    subject: str
    process: str
    buyer: str
    title: str


async def roster(tx: Tx, subject: str) -> Chosen | None:
    """The roster of a tender, None at level S1. Whoever asks has asked who may see it."""
    return next(iter(await store.rosters(tx, RosterRow.subject == subject)), None)


async def rosters(tx: Tx, subjects: Iterable[str]) -> dict[str, Chosen]:
    """By subject, those that have one."""
    return {one.subject: one for one in await store.rosters(tx, RosterRow.subject.in_(set(subjects)))}


async def choose(
    tx: Tx, about: About, level: Level, quorum: int, members: Sequence[str], asked: Asked
) -> Chosen | None:
    """Choose level and holders of a draft; at S1 there are none. The same choice again keeps its signatures.

    Refused("roster-frozen"), ("form-invalid", 422) as rules.rosters.choose. Holders are asked to sign.
    """
    tx.actor.must(P.TENDER_DRAFT, of=about.buyer)
    await store.lock_roster(tx, about.subject)
    before = await roster(tx, about.subject)
    rules.must_not_be_frozen(before)
    rules.must_reach(level, asked)
    if level == "S1":
        await _remove(tx, about.subject)
        return None
    known = await store.holders(tx, members)
    holders = [known[one] for one in dict.fromkeys(members) if one in known]
    content = roster_bytes(rules.choose(about.subject, about.buyer, level, quorum, holders, asked))
    if before is not None and before.content == content:
        return before
    await _remove(tx, about.subject)
    row = RosterRow(
        **msgspec.structs.asdict(about), level=level, quorum=quorum, sha256=sha256_hex(content), content=content,
        asked_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    await tx.session.flush()
    for place, holder in enumerate(holders, start=1):
        tx.session.add(SeatRow(subject=about.subject, place=place, holder_id=holder.id, signature=""))
    await tx.session.flush()
    fact = facts.RosterAsked(
        tender=about.subject, level=level, m=quorum, roster=row.sha256, holders=[holder.id for holder in holders]
    )
    await tx.record(fact, organisation=about.buyer)
    return await roster(tx, about.subject)


async def own_roster(tx: Tx, subject: str) -> Chosen:
    """A roster in which one's own key stands. Refused("roster-unknown", 404)."""
    held = await must_own(tx)
    found = await roster(tx, subject)
    if found is None or found.seat_of(held.id) is None:
        raise unknown("roster")
    return found


async def own_seat(tx: Tx, subject: str) -> tuple[Chosen, Holder] | None:
    """The roster of a published tender, and the key with which the actor stands in it: also one that ended since, for
    what is sealed to a key stays sealed to it. None for everybody else."""
    found = await roster(tx, subject) if tx.actor.may(P.HOLDER_KEEP, of=tx.actor.organisation) else None
    if found is None or found.frozen_at is None:
        return None
    for seat in found.seats:
        if seat.holder.person == tx.actor.person and await is_ours(tx, seat.holder.organisation):
            return found, seat.holder
    return None


async def own_rosters(tx: Tx) -> list[Chosen]:
    """Every roster in which one's own key stands and something may still be asked, the nearest opening first."""
    held = await must_own(tx)
    mine = RosterRow.subject.in_(_subjects_of(held.id))
    return await store.rosters(tx, mine, RosterRow.ended_at.is_(None), limit=MOST)


async def sign(tx: Tx, subject: str, seen: str, signature: str) -> None:
    """Sign the roster whose hash is `seen` with one's own key. Again changes nothing.

    Refused("roster-unknown", 404), ("changed-meanwhile") for another than stands now; see rules.rosters.sign.
    """
    held = await must_own(tx)
    tx.actor.must(P.HOLDER_KEEP, of=tx.actor.organisation)
    await own_roster(tx, subject)
    await store.lock_roster(tx, subject)
    found = await own_roster(tx, subject)
    if found.sha256 != seen:
        raise Refused("changed-meanwhile", "The officer chose the roster anew. Read it again, then sign that one.")
    seat = found.seat_of(held.id)
    if seat is not None and seat.signature == signature:
        return
    fact = rules.sign(found, held, signature)
    where = SeatRow.subject == subject, SeatRow.holder_id == held.id
    await tx.session.execute(update(SeatRow).where(*where).values(signature=signature, signed_at=tx.now))
    await tx.record(fact, organisation=found.buyer)


async def freeze(tx: Tx, subject: str, asked: Asked, opening_at: datetime) -> Chosen | None:
    """The tender is published: from here on bids are sealed to this roster; None at level S1.

    Refused("key-holders-missing") says who has not signed or proved, ("form-invalid", 422) below what the rules ask.
    """
    await store.lock_roster(tx, subject)
    found = await roster(tx, subject)
    rules.must_reach(found.level if found else "S1", asked)
    if found is None:
        return None
    rules.must_not_be_frozen(found)
    rules.must_be_whole(found, tx.now)
    await _set(tx, subject, frozen_at=tx.now, opening_at=opening_at)
    await tx.record(rules.frozen(found), process=found.process, organisation=found.buyer)
    return await roster(tx, subject)


async def postpone(tx: Tx, subject: str, opening_at: datetime) -> None:
    """The opening moved, and with it the days on which holders are asked."""
    await _set(tx, subject, opening_at=opening_at)


async def finish(tx: Tx, subject: str) -> None:
    """The bids are open, or never will be: nobody is asked for anything any more. For jobs."""
    await tx.session.execute(
        update(RosterRow)
        .where(RosterRow.subject == subject, RosterRow.frozen_at.is_not(None), RosterRow.ended_at.is_(None))
        .values(ended_at=tx.now)
    )


async def _set(tx: Tx, subject: str, **values: object) -> None:
    await tx.session.execute(update(RosterRow).where(RosterRow.subject == subject).values(**values))


async def _remove(tx: Tx, subject: str) -> None:
    await tx.session.execute(delete(SeatRow).where(SeatRow.subject == subject))
    await tx.session.execute(delete(RosterRow).where(RosterRow.subject == subject))


def _subjects_of(holder: str) -> Select[str]:
    return select(SeatRow.subject).where(SeatRow.holder_id == holder)
