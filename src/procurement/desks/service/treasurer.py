"""Treasurers: what another asked for, refunds that failed, money that nobody could place, disputes."""

from collections.abc import Sequence
from datetime import datetime

from procurement.desks.rules.model import Desk, Duty, Viewer, What
from procurement.infra.tx import Tx
from procurement.payments import service as payments

PATH = "/treasury"


async def part(tx: Tx, viewer: Viewer) -> Desk:
    """One duty for each kind: what they are about is told on the treasury's own page alone."""
    waiting = await payments.waiting(tx)
    decide = [one.asked_at for one in waiting.refunds if viewer.person not in one.deciders]
    keep = [one.asked_at for one in waiting.forfeitures if viewer.person != one.asked_by]
    found = (
        _duty(What.REFUNDS, decide),
        _duty(What.KEEP, keep),
        _duty(What.REFUNDS_FAILED, [one.failed_at for one in waiting.failed if one.failed_at]),
        _duty(What.UNMATCHED, [one.received_at for one in waiting.unmatched]),
        _duty(What.DISPUTES, [one.opened_at for one in waiting.disputes]),
    )
    return Desk(duties=tuple(duty for duty in found if duty.count))


def _duty(what: What, since: Sequence[datetime]) -> Duty:
    return Duty(what=what, title="", path=PATH, since=min(since, default=None), count=len(since))
