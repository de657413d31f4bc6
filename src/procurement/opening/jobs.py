"""What goes on without anyone asking: openings that were confirmed, until they are shown."""

import logging
from collections.abc import Awaitable, Callable

from procurement.infra import scanner
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.tx import Database, Tx
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.refusal import Refused
from procurement.opening.service import (
    advance,
    advance_prices,
    ending,
    in_progress,
    note_prices_problem,
    note_problem,
    papers,
    prices_in_progress,
    scanning,
    standing,
)
from procurement.opening.service import pace as paces
from procurement.opening.service.acts import PRICES
from procurement.opening.service.pace import Pace
from procurement.opening.service.steps import OPENER
from procurement.settings import Settings

FAULT = "A fault on our side. It is tried again every second."

log = logging.getLogger(__name__)


async def sweep(database: Database, keyholder: Keyholder, files: Files, pace: Pace | None = None) -> None:
    """Advance every confirmed opening; the worker calls it each second. One that fails waits, the others go on. With a
    `pace` one that waits for people is looked at more rarely, until they bring something."""
    pace = pace or Pace()
    async with database.begin(OPENER) as tx:
        marks = await paces.marks(tx, await in_progress(tx))
    for tender_id in pace.due(marks):
        try:
            await advance(database, keyholder, files, tender_id)
            pace.waited(tender_id, marks[tender_id])
        except Refused as no:
            pace.hindered(tender_id)
            log.warning("opening of %s waits: %s", tender_id, no.code)
            await _note(database, tender_id, no.detail)
        except Exception:
            pace.hindered(tender_id)
            log.exception("opening of %s waits", tender_id)
            await _note(database, tender_id, FAULT)


async def sweep_prices(database: Database, keyholder: Keyholder, files: Files, pace: Pace | None = None) -> None:
    """The same for financial envelopes, after the technical decision."""
    pace = pace or Pace()
    async with database.begin(OPENER) as tx:
        marks = await paces.marks(tx, await prices_in_progress(tx), PRICES)
    for tender_id in pace.due(marks):
        try:
            await advance_prices(database, keyholder, files, tender_id)
            pace.waited(tender_id, marks[tender_id])
        except Refused as no:
            pace.hindered(tender_id)
            log.warning("prices of %s wait: %s", tender_id, no.code)
            await _note(database, tender_id, no.detail, note_prices_problem)
        except Exception:
            pace.hindered(tender_id)
            log.exception("prices of %s wait", tender_id)
            await _note(database, tender_id, FAULT, note_prices_problem)


async def scan(database: Database, files: Files) -> None:
    """Ask the scanner, where there is one, about documents that are shown and have no verdict yet."""
    if there := scanner.ours(Settings.read()):
        await scanning.later(database, files, there)


async def write_papers(database: Database, files: Files, signer: SignerKey) -> None:
    """Write the opening records that are due, signed with the receipt key. One that fails waits, the others go on."""
    async with database.begin(OPENER) as tx:
        waiting = await papers.due(tx)
    for tender_id in waiting:
        try:
            await papers.write(database, files, signer, tender_id)
        except Exception:
            log.exception("the opening record of %s waits", tender_id)


async def destroy_keys(database: Database, keyholder: Keyholder) -> None:
    """Have the keys destroyed that nobody needs any more. What the keyholder refuses is asked again later."""
    async with database.begin(ending.ENDER) as tx:
        waiting = await ending.waiting(tx)
    for tender_id in waiting:
        try:
            await ending.destroy(database, keyholder, tender_id)
        except Refused as no:
            waits = no.code == "ending-too-young"
            log.log(logging.INFO if waits else logging.WARNING, "the key of %s stays: %s", tender_id, no.code)


async def watch_keyholder(database: Database, keyholder: Keyholder) -> None:
    """Notice a keyholder that came back from a copy, and tell it again what it may have forgotten."""
    await standing.remember(database, keyholder)


async def _note(
    database: Database, tender_id: str, problem: str, note: Callable[[Tx, str, str], Awaitable[None]] = note_problem
) -> None:
    async with database.begin(OPENER) as tx:
        await note(tx, tender_id, problem)
