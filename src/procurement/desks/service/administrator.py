"""Administrators: rulebooks that wait for two of them, buyers that lack the people to publish, deadlines that fell
into a time when nothing could be submitted, and what visitors tell about the pages."""

from datetime import datetime, timedelta

from procurement.desks.rules.model import Desk, Duty, Viewer, What
from procurement.feedback import service as feedback
from procurement.identity.rules.membership import Organisation
from procurement.identity.service.institutions import understaffed
from procurement.infra import mode
from procurement.infra.tx import Tx
from procurement.rulebooks import service as rulebooks
from procurement.rulebooks.service import Waiting
from procurement.tenders.service import lists as tenders

LOOKING_BACK = timedelta(days=30)


async def part(tx: Tx, viewer: Viewer) -> Desk:
    waiting = [one for one in await rulebooks.waiting(tx) if one.proposed_by != viewer.person]
    lacking = await understaffed(tx)
    unfair = await _deadlines(tx)
    told = await _feedback(tx)
    return Desk(
        duties=(*(_rulebook(one) for one in waiting), *(_organisation(*one) for one in lacking), *unfair, *told),
        full=any(len(some) >= tenders.MOST for some in (waiting, lacking, unfair)),
    )


async def _deadlines(tx: Tx) -> list[Duty]:
    """Each deadline of the last month that nobody could meet at its end: whether that was fair is for people to say.
    The first of each time in which the service was read-only."""
    found = {}
    for window in await mode.windows(tx, tx.now - LOOKING_BACK):
        for tender in await tenders.due_between(tx, window.begin, window.end or tx.now):
            found[tender.id] = Duty(
                what=What.FAIRNESS, title=tender.title, path=f"/tenders/{tender.id}", tender=tender.id,
                since=tender.deadline, said=window.reason,
            )  # fmt: skip
    return list(found.values())


async def _feedback(tx: Tx) -> list[Duty]:
    waiting = await feedback.waiting(tx)
    path = "/feedback/received"
    return (
        [Duty(what=What.FEEDBACK, title="", path=path, due=waiting.due, count=waiting.count)] if waiting.count else []
    )


def _rulebook(one: Waiting) -> Duty:
    what = What.RULEBOOK_ACTIVATE if one.proposed_by else What.RULEBOOK_PROPOSE
    return Duty(what=what, title=one.title, path=f"/rulebooks/{one.id}", since=one.since, by=one.proposed_by)


def _organisation(one: Organisation, since: datetime) -> Duty:
    return Duty(what=What.STAFF, title=one.name, path=f"/organisations/{one.id}", since=since)
