"""Counting what observers see, and writing about incidents."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from sqlalchemy import case, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from procurement.infra.status import watch
from procurement.infra.status.probers import SOURCE
from procurement.infra.status.rules import DAYS, Component, Part, Seen, parts
from procurement.infra.status.tables import Availability, Incident, IncidentNote
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, invalid, unknown

OWN = "service"  # the source of the worker's own measurements
CLOSEST = timedelta(seconds=30)  # two measurements by one observer nearer than this are one
OLDEST = timedelta(days=1)  # a prober tells what it saw while it could not reach us
LONGEST_TITLE, LONGEST_NOTE = 120, 2000
SHOWN = timedelta(days=30)  # how long an incident that ended is told

Source = Annotated[str, msgspec.Meta(pattern=f"^{SOURCE.pattern}")]


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an observer saw at a moment: whether each part worked. Parts it did not look at are missing. `elapsed`:
    seconds since its look before, by a clock that nobody sets; null where it does not know."""

    at: datetime
    works: dict[Component, bool]
    elapsed: Annotated[float, msgspec.Meta(ge=0, le=10**9)] | None = None


class Note(msgspec.Struct, frozen=True):
    at: datetime
    text: str


class Told(msgspec.Struct, frozen=True):
    """An incident with its notes, the newest first. `component` "" means all parts."""

    id: str
    component: str
    title: str
    began_at: datetime
    ended_at: datetime | None
    notes: tuple[Note, ...]


async def count(tx: Tx, source: str, measured: Measured) -> None:
    """Add a measurement to the day's count, and to what is known of outages. The same again, or an older one, changes
    nothing."""
    before = await watch.last_looks(tx, source, measured.at)
    new = {one: works for one, works in measured.works.items() if _is_later(measured.at, before.get(one))}
    elapsed = None if measured.elapsed is None else timedelta(seconds=measured.elapsed)
    await watch.follow(tx, watch.Look(source, measured.at, elapsed, own=source == OWN), new, before)
    same_day = Availability.last_at <= measured.at - CLOSEST
    for component, works in measured.works.items():
        values = {"good": int(works), "bad": int(not works), "last_at": measured.at, "last_good": works}
        key = {"day": measured.at.date(), "component": component, "source": source}
        stored = insert(Availability).values(**key, **values)
        grown = {name: getattr(Availability, name) + stored.excluded[name] for name in ("good", "bad")}
        latest = {name: stored.excluded[name] for name in ("last_at", "last_good")}
        await tx.session.execute(
            stored.on_conflict_do_update(
                index_elements=[Availability.day, Availability.component, Availability.source],
                set_={**grown, **latest},
                where=same_day,
            )
        )


async def count_probe(tx: Tx, source: str, measured: list[Measured]) -> None:
    """What an outside prober saw, the oldest first. Refused("form-invalid", 422) for moments that cannot be."""
    early, late = tx.real_now - OLDEST, tx.real_now + timedelta(minutes=1)
    if not all(one.at.tzinfo and early <= one.at <= late for one in measured):
        raise invalid("A measurement is at most a day old, with an offset.", at="Give a moment of the last 24 hours.")
    for one in sorted(measured, key=lambda one: one.at):
        await count(tx, f"probe:{source}", one)


async def standing(tx: Tx) -> tuple[Part, ...]:
    """Every part now and day by day."""
    since = tx.real_now.date() - timedelta(days=DAYS - 1)
    rows = await tx.session.scalars(select(Availability).where(Availability.day >= since))
    seen = (
        Seen(Component(row.component), row.source, row.day, row.good, row.bad, row.last_at, row.last_good)
        for row in rows
    )
    return parts(seen, tx.real_now)


async def incidents(tx: Tx) -> tuple[Told, ...]:
    """Those that go on first, then what ended lately, the newest first."""
    ended = or_(Incident.ended_at.is_(None), Incident.ended_at >= tx.real_now - SHOWN)
    open_first = case((Incident.ended_at.is_(None), 0), else_=1)
    rows = list(await tx.session.scalars(select(Incident).where(ended).order_by(open_first, Incident.began_at.desc())))
    wanted = select(IncidentNote).where(IncidentNote.incident.in_([row.id for row in rows]))
    notes: dict[str, list[Note]] = {}
    for note in await tx.session.scalars(wanted.order_by(IncidentNote.at.desc(), IncidentNote.id)):
        notes.setdefault(note.incident, []).append(Note(note.at, note.text))
    return tuple(
        Told(row.id, row.component, row.title, row.began_at, row.ended_at, tuple(notes.get(row.id, ()))) for row in rows
    )


async def report(tx: Tx, component: str, title: str, text: str, began_at: datetime | None = None) -> str:
    """Tell of an incident; returns its id. Refused("form-invalid") names what is wrong."""
    tx.actor.must(P.SERVICE_OPERATE, of=tx.actor.organisation)
    if component and component not in list(Component):
        raise invalid("Choose what is concerned.", component="Choose one of the answers.")
    began = began_at or tx.real_now
    if began > tx.real_now:
        raise invalid("An incident began before it is told.", began="Choose a moment that is past.")
    told = Incident(
        id=new_id(), component=component, title=_short(title, "title", LONGEST_TITLE), began_at=began, ended_at=None
    )
    tx.session.add(told)
    await tx.session.flush()
    _write(tx, told.id, text)
    return told.id


async def add_note(tx: Tx, incident: str, text: str, *, over: bool) -> None:
    """Say more about an incident, or that it is over. Refused("incident-unknown"), Refused("incident-over")."""
    tx.actor.must(P.SERVICE_OPERATE, of=tx.actor.organisation)
    row = await tx.session.scalar(select(Incident).where(Incident.id == incident).with_for_update())
    if row is None:
        raise unknown("incident")
    if row.ended_at is not None:
        raise Refused("incident-over", "This incident is over. Tell of a new one.")
    _write(tx, incident, text)
    if over:
        await tx.session.execute(update(Incident).where(Incident.id == incident).values(ended_at=tx.real_now))


def _write(tx: Tx, incident: str, text: str) -> None:
    said = _short(text, "text", LONGEST_NOTE)
    tx.session.add(IncidentNote(id=new_id(), incident=incident, text=said, actor=tx.actor.name, at=tx.real_now))


def _is_later(at: datetime, last: datetime | None) -> bool:
    return last is None or at - last >= CLOSEST


def _short(text: str, name: str, most: int) -> str:
    said = text.strip()
    if not 0 < len(said) <= most:
        raise invalid("Some answers need another look.", **{name: f"Write between 1 and {most} characters."})
    return said
