"""The read-only switch: while it is on, nobody changes anything, and everything can be read.

The switch stands in the database, so that it counts for all processes with the next request. A database that takes no
writes, as a standby before it is promoted, is read-only without a switch.

The worker goes on with what was decided before: it orders the record, closes and opens at the hour that was published
(a latch may not wait for an operator), does the jobs that follow from facts, sends the letters and calls that wait.
What begins something new asks `tx.read_only` and waits: retention, which erases for good, digests, and warnings of
drafts.
"""

from datetime import datetime

import msgspec
from sqlalchemy import Boolean, Identity, select, text
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra import freshness
from procurement.infra.db import Table
from procurement.infra.tx import Tx
from procurement.kernel.fact import Fact
from procurement.kernel.permissions import P
from procurement.kernel.refusal import Refused, invalid

SOON = 60  # seconds until trying again, where no end is announced
LONGEST = 300  # characters of a reason
WITHOUT_SWITCH = "The database takes no changes just now."


class ServiceMadeReadOnly(Fact, frozen=True, kw_only=True):
    """From here on nothing could be changed. `until` is what was announced; none was when it is null."""

    reason: str
    until: datetime | None = None


class ServiceMadeWritable(Fact, frozen=True, kw_only=True):
    """From here on changes were taken again."""


class ServiceMode(Table):
    """Each turn of the switch; the newest is in force. `at` is real, `legal_at` legal time."""

    __tablename__ = "service_mode"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    read_only: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str]
    until: Mapped[datetime | None]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    legal_at: Mapped[datetime] = mapped_column(server_default=text("public.legal_now()"))


class Mode(msgspec.Struct, frozen=True):
    """`standby` says that the database itself takes no writes. Moments are real time."""

    read_only: bool = False
    reason: str = ""
    until: datetime | None = None
    since: datetime | None = None
    standby: bool = False


class Window(msgspec.Struct, frozen=True):
    """When the service was read-only, by the legal clock; `end` is null while it still is. `until` is real time."""

    begin: datetime
    end: datetime | None
    until: datetime | None
    reason: str


NEWEST = select(ServiceMode).order_by(ServiceMode.id.desc()).limit(1)


async def current(tx: Tx) -> Mode:
    """How it stands in this transaction; a query more only while nothing may be changed."""
    if not tx.read_only:
        return Mode()
    row = await tx.session.scalar(NEWEST)
    if row is None or not row.read_only:
        return Mode(read_only=True, reason=WITHOUT_SWITCH, standby=True)
    return Mode(True, row.reason, row.until, row.at)


def must_take_changes(mode: Mode, now: datetime) -> None:
    """Refused("read-only", 503) while nothing may be changed; `now` is real time."""
    if mode.read_only:
        raise refusal(mode, now)


def refusal(mode: Mode, now: datetime | None = None) -> Refused:
    """What whoever wants to change something is told, and when to come again."""
    announced = int((mode.until - now).total_seconds()) if mode.until and now else 0
    detail = f"The service is read-only just now: {mode.reason.rstrip('.')}. Nothing was changed."
    return Refused("read-only", detail, status=503, retry_after=max(announced, SOON))


async def switch_on(tx: Tx, reason: str, until: datetime | None) -> None:
    """Take no more changes. Requests under way end first or fail; none can begin after this commits.

    Refused("form-invalid") without a reason or with an `until` that is past, Refused("read-only-already").
    """
    tx.actor.must(P.SERVICE_OPERATE, of=tx.actor.organisation)
    said = " ".join(reason.split())
    if not 0 < len(said) <= LONGEST:
        raise invalid("Say why, for everybody to read.", reason=f"Write at most {LONGEST} characters.")
    if until and until <= tx.real_now:
        raise invalid("Say when it will be over.", until="Choose a moment in the future.")
    if tx.read_only:
        raise Refused("read-only-already", "The service is read-only already.")
    tx.session.add(ServiceMode(read_only=True, reason=said, until=until, actor=tx.actor.name))
    await tx.record(ServiceMadeReadOnly(reason=said, until=until))
    await freshness.changed(tx, *freshness.ALWAYS)


async def switch_off(tx: Tx) -> None:
    """Take changes again. Refused("read-only-not") when it was not switched on."""
    tx.actor.must(P.SERVICE_OPERATE, of=tx.actor.organisation)
    if not tx.read_only:
        raise Refused("read-only-not", "The service takes changes already.")
    tx.session.add(ServiceMode(read_only=False, reason="", until=None, actor=tx.actor.name))
    await tx.record(ServiceMadeWritable())
    await freshness.changed(tx, *freshness.ALWAYS)


async def windows(tx: Tx, since: datetime) -> list[Window]:
    """When the service was read-only since that legal moment, the oldest first; one that still lasts is among them."""
    rows = list(await tx.session.scalars(select(ServiceMode).order_by(ServiceMode.id)))
    found = [
        Window(row.legal_at, after.legal_at if after else None, row.until, row.reason)
        for row, after in zip(rows, [*rows[1:], None], strict=False)
        if row.read_only
    ]
    return [one for one in found if one.end is None or one.end >= since]
