"""Administrators: rulebooks that wait for two of them, and buyers that lack the people to publish."""

from datetime import datetime

from procurement.desks.rules.model import Desk, Duty, Viewer, What
from procurement.identity.rules.membership import Organisation
from procurement.identity.service.institutions import understaffed
from procurement.infra.tx import Tx
from procurement.rulebooks import service as rulebooks
from procurement.rulebooks.service import Waiting


async def part(tx: Tx, viewer: Viewer) -> Desk:
    waiting = [one for one in await rulebooks.waiting(tx) if one.proposed_by != viewer.person]
    lacking = await understaffed(tx)
    return Desk(duties=(*(_rulebook(one) for one in waiting), *(_organisation(*one) for one in lacking)))


def _rulebook(one: Waiting) -> Duty:
    what = What.RULEBOOK_ACTIVATE if one.proposed_by else What.RULEBOOK_PROPOSE
    return Duty(what=what, title=one.title, path=f"/rulebooks/{one.id}", since=one.since, by=one.proposed_by)


def _organisation(one: Organisation, since: datetime) -> Duty:
    return Duty(what=What.STAFF, title=one.name, path=f"/organisations/{one.id}", since=since)
