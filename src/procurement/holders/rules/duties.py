"""What is asked of one holder, by when. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from procurement.holders.rules.model import Chosen, Holder
from procurement.holders.rules.proofs import FRESH, has_proved, wanted

Act = Literal["sign", "prove"]


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a holder is asked to do for a tender, since `since`; by `due`, where anything sets a date."""

    act: Act
    subject: str
    title: str
    buyer: str
    since: datetime
    due: datetime | None


def duties(chosen: Chosen, holder: Holder, now: datetime) -> Iterator[Duty]:
    """Before publication the signature, and a proof of the last seven days; before the opening a new one."""
    seat = chosen.seat_of(holder.id)
    if seat is None or chosen.ended_at is not None:
        return
    if chosen.frozen_at is None:
        if not seat.signed:
            yield _duty(chosen, "sign", chosen.asked_at)
        if not has_proved(holder, now - FRESH):
            yield _duty(chosen, "prove", chosen.asked_at)
    elif asked := wanted(chosen, holder, now):
        yield _duty(chosen, "prove", asked.since, asked.due)


def _duty(chosen: Chosen, act: Act, since: datetime, due: datetime | None = None) -> Duty:
    return Duty(act=act, subject=chosen.subject, title=chosen.title, buyer=chosen.buyer, since=since, due=due)
