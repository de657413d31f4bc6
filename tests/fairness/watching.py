"""Scenes of observers: what they measured, and a tender whose deadline is near."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from procurement.fairness import service as fairness
from procurement.infra.status import seen, service
from procurement.infra.status.rules import Component
from procurement.infra.status.service import Measured
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.outage import Outage
from procurement.tenders import service as tenders

if TYPE_CHECKING:
    from conftest import Advance

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def measured(
    database: Database, source: str, *looks: tuple[datetime, bool], elapsed: float | None = None
) -> None:
    """Of the submission of bids; the mail works always."""
    async with database.begin(system("status")) as tx:
        for at, works in looks:
            seen = Measured(at, {Component.SUBMISSION: works, Component.MAIL: True}, elapsed)
            await service.count(tx, source, seen)


async def outages(database: Database, since: datetime, until: datetime) -> list[Outage]:
    """Of submission alone."""
    async with database.begin(NOBODY) as tx:
        return [*(await seen.outages(tx, since, until, [Component.SUBMISSION])).outages]


def minutes(since: datetime, count: int, works: bool = True) -> Iterable[tuple[datetime, bool]]:
    """A look each minute, the first at `since`."""
    return [(since + place * MINUTE, works) for place in range(count)]


async def real_now(database: Database) -> datetime:
    async with database.begin(NOBODY) as tx:
        return tx.real_now


async def near_the_deadline(
    database: Database, tender: str, advance: "Advance", before: timedelta = 2 * HOUR
) -> datetime:
    """So long before it; the deadline in legal time."""
    async with database.begin(NOBODY) as tx:
        deadline = (await tenders.public_tender(tx, tender)).deadline
        assert deadline
        now = tx.now
    await advance(deadline - now - before)
    return deadline


async def broke_down(database: Database, minutes: int, ended: int = 0, source: str = "probe:north") -> None:
    """For so long, until so many minutes ago."""
    now = await real_now(database) - ended * MINUTE
    await measured(database, source, (now - minutes * MINUTE, False), (now, True))


async def propose(database: Database) -> list[str]:
    async with database.begin(system("fairness")) as tx:
        return await fairness.propose(tx)
