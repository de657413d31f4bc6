"""When a part of the service was away, as one observer saw it: pure, over moments.

A measurement is of a moment; between two that were bad nobody saw it work, so an outage lasts from the first bad one to
the next good one. Where the service's own measurements pause, nobody inside knows: that is told as a silence, which
counts as away only as far as no observer outside saw the service work.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

SILENCE = timedelta(minutes=5)  # between two of our own measurements, which come each minute

Span: TypeAlias = tuple[datetime, datetime]
"""From a moment until a later one."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """`source` saw the part work whenever it looked between these moments, and never paused for long."""

    source: str
    began_at: datetime
    ended_at: datetime


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """`source` saw `component` away from `began_at` to `ended_at`, None while it goes on. `silent`: it did not look.
    `contradicted`: who saw it work meanwhile, cut to that time."""

    component: str
    source: str
    began_at: datetime
    ended_at: datetime | None = None
    silent: bool = False
    contradicted: tuple[Sighting, ...] = ()

    def within(self, since: datetime, until: datetime) -> "Outage | None":
        """The part of it that lies in a period, if any does."""
        began, ended = max(self.began_at, since), min(self.ended_at or until, until)
        if began >= ended:
            return None
        seen = tuple(
            msgspec.structs.replace(one, began_at=max(one.began_at, began), ended_at=min(one.ended_at, ended))
            for one in self.contradicted
            if one.began_at <= ended and one.ended_at >= began
        )
        return msgspec.structs.replace(self, began_at=began, ended_at=ended, contradicted=seen)

    def shifted(self, by: timedelta) -> "Outage":
        """The same in a clock that is ahead by so much."""
        seen = tuple(
            msgspec.structs.replace(one, began_at=one.began_at + by, ended_at=one.ended_at + by)
            for one in self.contradicted
        )
        ended = self.ended_at and self.ended_at + by
        return msgspec.structs.replace(self, began_at=self.began_at + by, ended_at=ended, contradicted=seen)

    def counted(self, until: datetime) -> list[Span]:
        """The time that it counts for: all of it, but of a silence only that for which no observer speaks. A look that
        found the part working speaks for as long before and after it as nobody would call silence."""
        whole = [(self.began_at, self.ended_at or until)]
        if not self.silent:
            return whole
        return without(whole, [(one.began_at - SILENCE, one.ended_at + SILENCE) for one in self.contradicted])


def silence(pause: timedelta) -> bool:
    """Whether nothing was measured for so long that nobody can say it worked."""
    return pause > SILENCE


def spans(outages: Iterable[Outage], until: datetime) -> list[Span]:
    """When at least one of them counts, in order, what overlaps or touches told once."""
    found: list[Span] = []
    for began, ended in sorted(span for one in outages for span in one.counted(until)):
        if found and began <= found[-1][1]:
            found[-1] = found[-1][0], max(ended, found[-1][1])
        else:
            found.append((began, ended))
    return found


def without(wanted: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What of the `wanted` time is in none of the `taken`."""
    left = list(wanted)
    for began, ended in taken:
        cut = (((a, min(b, began)), (max(a, ended), b)) for a, b in left)
        left = [(a, b) for parts in cut for a, b in parts if a < b]
    return left


def length(found: Sequence[Span]) -> timedelta:
    """How long they are together; they do not overlap."""
    return sum((ended - began for began, ended in found), timedelta())
