"""What the worker does with cards: send refunds, ask what became of things, compare every day.

The other side is asked in a loop of its own: one that answers slowly, or not at all, holds up no other job. What waits
stands in the database. If none of this ever runs, nothing is charged and nothing is lost.
"""

import asyncio
import logging
from functools import cache
from time import monotonic

from procurement.infra.metrics import cards as figures
from procurement.infra.outbox import Recorded, handles
from procurement.infra.payments import Cards, Kind
from procurement.infra.payments.keys import must_fit
from procurement.infra.payments.stripe_cards import JOB_PATIENCE, connect
from procurement.infra.tx import Database, Tx
from procurement.kernel.refusal import Refused
from procurement.payments.rules.facts import ChargeCancelled, PaymentMatched, PaymentReceived, RefundApproved
from procurement.payments.service.cards import attempts, close_others, notices, reconciling, work
from procurement.payments.service.cards.looking import ACTING, LOOKS
from procurement.settings import Settings

AT_ONCE = 8  # calls under way in this process
LATE = 50  # attempts that ran out, looked at in one round
OFTEN = 60.0  # seconds between two looks at what ran out, and at the calendar

log = logging.getLogger(__name__)


@handles(RefundApproved)
async def send_card_refund(tx: Tx, recorded: Recorded[RefundApproved]) -> None:
    """A refund of money that came by card goes back by card."""
    if recorded.fact.channel == "card":
        await work.put(tx, work.SEND_REFUND, recorded.fact.refund)


@handles(PaymentReceived)
async def close_after_payment(tx: Tx, recorded: Recorded[PaymentReceived]) -> None:
    """Whoever paid, by whatever way, shall not be able to pay once more by a page that is still open."""
    if recorded.fact.charge:
        await close_others(tx, recorded.fact.charge)


@handles(PaymentMatched)
async def close_after_match(tx: Tx, recorded: Recorded[PaymentMatched]) -> None:
    await close_others(tx, recorded.fact.charge)


@handles(ChargeCancelled)
async def close_after_cancel(tx: Tx, recorded: Recorded[ChargeCancelled]) -> None:
    await close_others(tx, recorded.fact.charge)


HANDLERS = (send_card_refund, close_after_payment, close_after_match, close_after_cancel)


async def sweep(database: Database) -> None:
    """The worker calls it each second. Without keys there is nothing to do."""
    cards = await _cards(database)
    if cards is None:
        return
    if _due("calendar", OFTEN):
        await look_at_late(database)
        await compare_when_due(database, cards)
    await follow(database, cards)


async def follow(database: Database, cards: Cards) -> None:
    """Do what is due, until nothing is."""
    while True:
        async with database.begin(ACTING) as tx:
            tasks = await work.take(tx, AT_ONCE)
            waiting = await work.waiting(tx)
        figures.show(waiting.count, waiting.oldest, waiting.failed)
        if not tasks:
            return
        await asyncio.gather(*(_do(database, cards, task) for task in tasks))


async def _do(database: Database, cards: Cards, task: work.Task) -> None:
    """Whatever goes wrong with one, the others go on; it is tried again."""
    try:
        await LOOKS[task.kind](database, cards, task.object)
    except Exception as wrong:
        problem = wrong.code if isinstance(wrong, Refused) else type(wrong).__name__
        log.warning("%s %s waits: %s", task.kind, task.object, problem)
        figures.FAILED.labels(task.kind).inc()
        async with database.begin(ACTING) as tx:
            await work.failed(tx, task, problem)
    else:
        async with database.begin(ACTING) as tx:
            await work.done(tx, task)


async def look_at_late(database: Database) -> None:
    """Attempts that ran out with nobody telling what became of them; and notices that are forgotten."""
    async with database.begin(ACTING) as tx:
        await notices.forget_old(tx)
        for attempt in await attempts.run_out(tx, LATE):
            if attempt.external:
                await work.put(tx, Kind.SESSION if attempt.way == "page" else work.CLOSE["program"], attempt.external)
            else:
                await attempts.end(tx, attempt)


async def compare_when_due(database: Database, cards: Cards) -> None:
    """Once a day, and by one worker: whoever comes second finds the same things booked already."""
    async with database.begin(ACTING) as tx:
        window = await reconciling.due(tx)
    if window:
        done = await reconciling.reconcile(database, cards, *window)
        figures.DIFFERENCES.inc(done.differences)


async def _cards(database: Database) -> Cards | None:
    cards = _connected()
    if cards:
        must_fit(cards.live, sandbox=await database.is_sandbox())
    return cards


@cache
def _connected() -> Cards | None:
    """The account of this process: jobs have no request to get the settings from."""
    return connect(Settings.read(), JOB_PATIENCE)


_last: dict[str, float] = {}


def _due(what: str, pause: float) -> bool:
    if monotonic() - _last.get(what, -pause) < pause:
        return False
    _last[what] = monotonic()
    return True
