"""When a part of the service was away, as one observer saw it: pure, over moments.

A measurement is of a moment; between two that were bad nobody saw it work, so an outage lasts from the first bad one to
the next good one. Where the service's own measurements pause, nobody inside knows: that is told as a silence, which an
outside observer may explain.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

SILENCE = timedelta(minutes=5)  # between two of our own measurements, which come each minute


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """`source` saw `component` away from `began_at` to `ended_at`, None while it goes on. `silent`: it did not look."""

    component: str
    source: str
    began_at: datetime
    ended_at: datetime | None = None
    silent: bool = False

    def within(self, since: datetime, until: datetime) -> "Outage | None":
        """The part of it that lies in a period, if any does."""
        began, ended = max(self.began_at, since), min(self.ended_at or until, until)
        return msgspec.structs.replace(self, began_at=began, ended_at=ended) if began < ended else None


def silence(before: datetime | None, at: datetime) -> bool:
    """Whether nothing was measured for so long that nobody can say it worked."""
    return before is not None and at - before > SILENCE


def length(outages: Iterable[Outage], until: datetime) -> timedelta:
    """For how long at least one of them lasted, what overlaps counted once."""
    total, reached = timedelta(), None
    for began, ended in sorted((one.began_at, one.ended_at or until) for one in outages):
        if reached is None or began > reached:
            total, reached = total + (ended - began), ended
        elif ended > reached:
            total, reached = total + (ended - reached), ended
    return total
