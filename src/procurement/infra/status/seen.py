"""When parts of the service were away, as it is told: with who saw them work meanwhile, and never without a bound."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, func, or_, select, tuple_

from procurement.infra.status.rules import Component
from procurement.infra.status.tables import Availability, OutageRow, SightingRow
from procurement.infra.status.watch import LEFT_OFF
from procurement.infra.tx import Tx
from procurement.kernel.outage import Outage, Sighting

MOST = 1000  # outages at once
MOST_SIGHTINGS = 2000  # of the time of those
MOST_CONTRADICTING = 20  # told with one outage
LOOK = timedelta(minutes=1)  # for which a look speaks that found a part away: the next comes by then


class Told(msgspec.Struct, frozen=True):
    """Outages of a period, cut to it, in order; all moments in real time. `left_out`: earlier ones beyond the bound."""

    outages: tuple[Outage, ...] = ()
    left_out: int = 0


async def outages(
    tx: Tx, since: datetime, until: datetime, components: Iterable[str] = Component, most: int = MOST
) -> Told:
    """The newest of a period. What goes on is told until the last look of its observer, and a minute more."""
    rows = select(OutageRow, func.count().over()).where(*_in(since, until, components))
    newest = rows.order_by(OutageRow.began_at.desc(), OutageRow.id.desc()).limit(most)
    found = list(await tx.session.execute(newest))
    told = await _told(tx, [row for row, _ in reversed(found)], since, until)
    return Told(tuple(told), found[0][1] - len(found) if found else 0)


async def following(
    tx: Tx, since: datetime, until: datetime, after: tuple[datetime, str] | None, most: int
) -> tuple[list[Outage], tuple[datetime, str] | None]:
    """The next of a period from its beginning, and after which others follow; None when these were the last."""
    later = [tuple_(OutageRow.began_at, OutageRow.id) > after] if after else []
    query = select(OutageRow).where(*_in(since, until, Component), *later)
    rows = list(await tx.session.scalars(query.order_by(OutageRow.began_at, OutageRow.id).limit(most)))
    last = (rows[-1].began_at, rows[-1].id) if len(rows) == most else None
    return await _told(tx, rows, since, until), last


def _in(since: datetime, until: datetime, components: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    lasted = or_(OutageRow.ended_at.is_(None), OutageRow.ended_at > since)
    return OutageRow.component.in_([*components]), OutageRow.began_at < until, lasted


async def _told(tx: Tx, rows: Sequence[OutageRow], since: datetime, until: datetime) -> list[Outage]:
    if not rows:
        return []
    ends, sightings = await _ends_of_running(tx, rows), await _sightings(tx, rows, since, until)
    found = (_outage(row, row.ended_at or ends[row.id], sightings).within(since, until) for row in rows)
    return [one for one in found if one]


async def _ends_of_running(tx: Tx, rows: Iterable[OutageRow]) -> dict[str, datetime]:
    """Until when those are known to last, by id, that go on. A look speaks for the minute after it, so that a clock set
    forward makes nothing longer; who has not looked for an hour has stopped, and says nothing beyond the last look."""
    running = [row for row in rows if row.ended_at is None]
    query = select(Availability.component, Availability.source, func.max(Availability.last_at))
    query = query.where(Availability.source.in_({row.source for row in running}))
    looks = await tx.session.execute(query.group_by(Availability.component, Availability.source)) if running else ()
    last = {(component, source): at for component, source, at in looks}
    ends = {row.id: last.get((row.component, row.source), row.began_at) for row in running}
    return {id_: at if tx.real_now - at > LEFT_OFF else at + LOOK for id_, at in ends.items()}


async def _sightings(tx: Tx, rows: Sequence[OutageRow], since: datetime, until: datetime) -> list[SightingRow]:
    """The newest in the time of these outages."""
    began = max(since, min(row.began_at for row in rows))
    query = select(SightingRow).where(
        SightingRow.component.in_({row.component for row in rows}),
        SightingRow.began_at <= until,
        SightingRow.ended_at >= began,
    )
    newest = query.order_by(SightingRow.ended_at.desc(), SightingRow.id).limit(MOST_SIGHTINGS)
    return list(await tx.session.scalars(newest))


def _outage(row: OutageRow, ended_at: datetime, sightings: Iterable[SightingRow]) -> Outage:
    other = [
        Sighting(source=one.source, began_at=one.began_at, ended_at=one.ended_at)
        for one in sightings
        if one.component == row.component and one.source != row.source
        and one.began_at <= ended_at and one.ended_at >= row.began_at
    ]  # fmt: skip
    return Outage(
        component=row.component,
        source=row.source,
        began_at=row.began_at,
        ended_at=ended_at,
        silent=row.silent,
        contradicted=tuple(sorted(other[:MOST_CONTRADICTING], key=lambda one: (one.began_at, one.source))),
    )
