"""Outages as they are remembered: from measurement to measurement of one observer, for one part each."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update

from procurement.infra.status.rules import Component
from procurement.infra.status.tables import Availability, OutageRow
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.outage import Outage, silence

LOOKED_BACK = timedelta(days=7)  # for the measurement before this one
LEFT_OFF = timedelta(hours=1)  # an observer that tells of no look in so long has stopped looking: it saw nothing go on


async def last_looks(tx: Tx, source: str, at: datetime) -> dict[Component, datetime]:
    """When the observer last looked at each part, before `at`."""
    recent = (Availability.source == source, Availability.day >= (at - LOOKED_BACK).date())
    query = select(Availability.component, func.max(Availability.last_at)).where(*recent)
    rows = await tx.session.execute(query.group_by(Availability.component))
    return {Component(component): last for component, last in rows}


async def follow(
    tx: Tx, source: str, at: datetime, works: dict[Component, bool], before: dict[Component, datetime], *, own: bool
) -> None:
    """What a measurement says of outages: one begins, goes on or is over. `before` is when each part was last looked at
    by the same observer; only the service's `own` pauses are silences, for a prober tells later what it saw, and of the
    time in which it did not look it says nothing."""
    query = select(OutageRow).where(OutageRow.source == source, OutageRow.ended_at.is_(None))
    running = {row.component: row for row in await tx.session.scalars(query.with_for_update())}
    for component, good in works.items():
        last, row = before.get(component), running.get(component)
        stopped = not own and last is not None and at - last > LEFT_OFF
        if row is None and own and last is not None and silence(last, at):
            tx.session.add(_row(component, source, last, ended_at=at, silent=True))
        if row is not None and (good or stopped):
            end = last if stopped else at
            await tx.session.execute(update(OutageRow).where(OutageRow.id == row.id).values(ended_at=end))
        if (row is None or stopped) and not good:
            tx.session.add(_row(component, source, at))
    await tx.session.flush()


async def outages(tx: Tx, since: datetime, until: datetime, components: Iterable[str] = Component) -> list[Outage]:
    """What lies in a period, cut to it, in order; all moments in real time. What goes on ends with the last look of an
    observer that has stopped looking."""
    query = select(OutageRow).where(
        OutageRow.component.in_([*components]),
        OutageRow.began_at < until,
        or_(OutageRow.ended_at.is_(None), OutageRow.ended_at > since),
    )
    rows = list(await tx.session.scalars(query.order_by(OutageRow.began_at, OutageRow.component, OutageRow.source)))
    ends = await _ends_of_running(tx, rows)
    found = (_outage(row, row.ended_at or ends.get(row.id)).within(since, until) for row in rows)
    return [one for one in found if one]


async def _ends_of_running(tx: Tx, rows: Iterable[OutageRow]) -> dict[str, datetime]:
    """When those ended, by id, whose observer no longer looks at that part: with its last look, if that is kept."""
    running = [row for row in rows if row.ended_at is None]
    query = select(Availability.component, Availability.source, func.max(Availability.last_at))
    query = query.where(Availability.source.in_({row.source for row in running}))
    looks = await tx.session.execute(query.group_by(Availability.component, Availability.source)) if running else ()
    last = {(component, source): at for component, source, at in looks}
    ends = {row.id: last.get((row.component, row.source), row.began_at) for row in running}
    return {id_: at for id_, at in ends.items() if tx.real_now - at > LEFT_OFF}


async def observers(tx: Tx, since: datetime, until: datetime) -> list[str]:
    """Who measured anything on the days of a period."""
    days = Availability.day.between(since.date(), until.date())
    return list(await tx.session.scalars(select(Availability.source).where(days).distinct().order_by("source")))


def _row(
    component: str, source: str, began: datetime, *, ended_at: datetime | None = None, silent: bool = False
) -> OutageRow:
    return OutageRow(id=new_id(), component=component, source=source, began_at=began, ended_at=ended_at, silent=silent)


def _outage(row: OutageRow, ended_at: datetime | None) -> Outage:
    return Outage(
        component=row.component,
        source=row.source,
        began_at=row.began_at,
        ended_at=ended_at,
        silent=row.silent,
    )
