"""Outages as they are remembered: from measurement to measurement of one observer, for one part each."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, select, update

from procurement.infra.status.rules import Component
from procurement.infra.status.tables import Availability, OutageRow, SightingRow
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.outage import SILENCE, silence

LOOKED_BACK = timedelta(days=7)  # for the measurement before this one
LEFT_OFF = timedelta(hours=1)  # an observer that tells of no look in so long has stopped looking: it saw nothing go on
JUMP = timedelta(seconds=30)  # by so much more than time that passed a clock was set forward


class Look(msgspec.Struct, frozen=True):
    """What `source` saw at a moment. `elapsed` since its look before, by a clock that nobody sets; None if unknown."""

    source: str
    at: datetime
    elapsed: timedelta | None
    own: bool

    def pause(self, last: datetime | None) -> timedelta:
        """How long it did not look: a clock that was set forward makes it no longer."""
        wall = self.at - last if last else timedelta()
        return wall if self.elapsed is None else min(wall, self.elapsed)

    def stopped(self, last: datetime | None) -> bool:
        """Whether it cannot say that what it saw before went on until now. Only the service's `own` pauses are
        silences: a prober tells later what it saw, and of the time in which it did not look it says nothing."""
        if last is None:
            return False
        return self.at - last - self.pause(last) > JUMP or (not self.own and self.pause(last) > LEFT_OFF)


async def last_looks(tx: Tx, source: str, at: datetime) -> dict[Component, datetime]:
    """When the observer last looked at each part, before `at`."""
    recent = (Availability.source == source, Availability.day >= (at - LOOKED_BACK).date())
    query = select(Availability.component, func.max(Availability.last_at)).where(*recent)
    rows = await tx.session.execute(query.group_by(Availability.component))
    return {Component(component): last for component, last in rows}


async def follow(tx: Tx, look: Look, works: dict[Component, bool], before: dict[Component, datetime]) -> None:
    """What a measurement says: an outage begins, goes on or is over. `before` is when each part was last looked at by
    the same observer."""
    query = select(OutageRow).where(OutageRow.source == look.source, OutageRow.ended_at.is_(None))
    running = {row.component: row for row in await tx.session.scalars(query.with_for_update())}
    for component, good in works.items():
        last, row = before.get(component), running.get(component)
        stopped = look.stopped(last)
        if row is None and look.own and last is not None and silence(look.pause(last)):
            tx.session.add(_outage(component, look.source, last, ended_at=look.at, silent=True))
        if row is not None and (good or stopped):
            end = last if stopped else look.at
            await tx.session.execute(update(OutageRow).where(OutageRow.id == row.id).values(ended_at=end))
        if (row is None or stopped) and not good:
            tx.session.add(_outage(component, look.source, look.at))
    await _sight(tx, look, [component for component, good in works.items() if good], before)
    await tx.session.flush()


async def _sight(tx: Tx, look: Look, good: Iterable[Component], before: dict[Component, datetime]) -> None:
    """The parts that work: what was seen of them goes on from a good look just before, or begins."""
    looks = SightingRow.source == look.source, SightingRow.ended_at.in_(set(before.values()))
    rows = await tx.session.scalars(select(SightingRow).where(*looks))
    latest = {(row.component, row.ended_at): row.id for row in rows}
    grown = []
    for component in good:
        last = before.get(component)
        known = latest.get((component, last)) if last else None
        if known and not look.stopped(last) and look.pause(last) <= SILENCE:
            grown.append(known)
        else:
            row = SightingRow(id=new_id(), component=component, source=look.source, began_at=look.at, ended_at=look.at)
            tx.session.add(row)
    await tx.session.execute(update(SightingRow).where(SightingRow.id.in_(grown)).values(ended_at=look.at))


async def observers(tx: Tx, since: datetime, until: datetime) -> list[str]:
    """Who measured anything on the days of a period."""
    days = Availability.day.between(since.date(), until.date())
    return list(await tx.session.scalars(select(Availability.source).where(days).distinct().order_by("source")))


def _outage(
    component: str, source: str, began: datetime, *, ended_at: datetime | None = None, silent: bool = False
) -> OutageRow:
    return OutageRow(id=new_id(), component=component, source=source, began_at=began, ended_at=ended_at, silent=silent)
