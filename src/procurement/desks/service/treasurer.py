"""Treasurers: what another asked for, refunds that failed, money that nobody could place, disputes; what
the bank's statements tell, and what is to be taken to the bank."""

from collections.abc import Sequence
from datetime import datetime, time

from procurement.desks.rules.model import Desk, Duty, Viewer, What
from procurement.infra.tx import Tx
from procurement.payments import service as payments
from procurement.payments.service import transfer, transfer_lines, transfer_out
from procurement.payments.service.waiting import MOST

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
        await _bank_lines(tx),
        await _transfers(tx),
    )
    lists = waiting.refunds, waiting.forfeitures, waiting.failed, waiting.unmatched, waiting.disputes
    return Desk(duties=tuple(duty for duty in found if duty.count), full=any(len(one) >= MOST for one in lists))


async def _bank_lines(tx: Tx) -> Duty:
    """Movements on the account of which nobody knows for certain what they are."""
    lines = await transfer_lines.waiting(tx)
    to = transfer.ours()
    since = datetime.combine(lines.since, time(), to.zone) if lines.since and to else None
    return Duty(what=What.BANK_LINES, title="", path=f"{PATH}/statements", since=since, count=lines.count)


async def _transfers(tx: Tx) -> Duty:
    """Refunds that can be taken to the bank: those whose payers named no account wait for these, not for us."""
    ready = [one.approved_at for one in await transfer_out.owed(tx) if one.account and not one.batch]
    return _duty(What.TRANSFERS, ready, f"{PATH}/transfers")


def _duty(what: What, since: Sequence[datetime], path: str = PATH) -> Duty:
    return Duty(what=what, title="", path=path, since=min(since, default=None), count=len(since))
