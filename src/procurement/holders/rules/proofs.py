"""When a holder has to prove anew that they have their key, and when too few have. Pure."""

from datetime import datetime, timedelta

import msgspec

from procurement.holders.rules.model import Chosen, Holder, State

FRESH = timedelta(days=7)  # how long a proof counts before publication
CHALLENGE = timedelta(days=1)  # how long one challenge may be answered: a proof says that the key was there after it


class Round(msgspec.Struct, frozen=True):
    """Before the opening, proofs are asked `before` it, and those who lag are told of `grace` later."""

    name: str
    before: timedelta
    grace: timedelta


ROUNDS = (
    Round("week", timedelta(days=7), timedelta(days=2)),
    Round("day", timedelta(hours=24), timedelta(hours=6)),
)


class Wanted(msgspec.Struct, frozen=True):
    """What a holder is asked for: a proof made at or after `since`, and `due` by then."""

    since: datetime
    due: datetime


def has_proved(holder: Holder, since: datetime) -> bool:
    return holder.proved_at is not None and holder.proved_at >= since


def round_now(chosen: Chosen, now: datetime) -> Round | None:
    """The round that runs, None outside them, and before publication and after the end."""
    if chosen.opening_at is None or chosen.ended_at is not None or now >= chosen.opening_at:
        return None
    begun = [one for one in ROUNDS if chosen.frozen_at and _begins(chosen.opening_at, one) <= now]
    return begun[-1] if begun else None


def wanted(chosen: Chosen, holder: Holder, now: datetime) -> Wanted | None:
    """The proof that this holder owes a published tender now, None when none is."""
    one = round_now(chosen, now)
    if one is None or chosen.opening_at is None or holder.ended_at is not None:
        return None
    since = _begins(chosen.opening_at, one)
    return None if has_proved(holder, since) else Wanted(since, since + one.grace)


def proved(chosen: Chosen, now: datetime) -> int:
    """How many of the roster have proved possession since the round began; before any, since publication."""
    one = round_now(chosen, now)
    since = _begins(chosen.opening_at, one) if one and chosen.opening_at else None
    usable = [seat.holder for seat in chosen.seats if seat.holder.state is State.CONFIRMED]
    return sum(since is None or has_proved(holder, since) for holder in usable)


def needed(chosen: Chosen) -> int:
    """One more than have to act, so that one may fall out; all, where the roster has none to spare."""
    return min(chosen.quorum + 1, len(chosen.seats))


def is_short(chosen: Chosen, now: datetime) -> bool:
    """Whether the buyer has to act while the deadline can still move: time to answer is over, or keys have ended."""
    if chosen.frozen_at is None or chosen.ended_at is not None or chosen.opening_at is None or now >= chosen.opening_at:
        return False
    ended = sum(seat.holder.state is State.ENDED for seat in chosen.seats)
    if len(chosen.seats) - ended < needed(chosen):
        return True
    one = round_now(chosen, now)
    late = one is not None and now >= _begins(chosen.opening_at, one) + one.grace
    return late and proved(chosen, now) < needed(chosen)


def _begins(opening_at: datetime, one: Round) -> datetime:
    return opening_at - one.before
