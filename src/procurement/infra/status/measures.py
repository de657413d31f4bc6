"""What the worker measures itself, once a minute: each part is tried as far as that changes nothing."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
from sqlalchemy import text

from procurement.infra.doctor import neighbours
from procurement.infra.doctor.finding import State
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.status.rules import Component
from procurement.infra.status.service import OWN, Measured, count
from procurement.infra.status.steady import Steady
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.settings import Settings

PATIENCE = 10.0  # seconds a part has to answer
LATE = timedelta(minutes=1)  # a record that waits longer for its place in the log
NO_FILE = hashlib.sha256(b"").hexdigest()

WAITS = text("""
    SELECT coalesce(legal_now() - min(r.at) > :late, false) FROM ledger_pending p JOIN ledger_record r
    ON r.id = p.record_id WHERE r.id = (SELECT min(record_id) FROM ledger_pending)
""")
Works = Callable[[], Awaitable[bool]]

_counted = Steady()


async def measure(database: Database, keyholder: Keyholder, files: Files, settings: Settings) -> Measured:
    """Try every part, and count what was seen. A database that does not answer is not counted anywhere: the day's
    measurements are missing then, and an outside prober has seen it."""
    trials: dict[Component, Works] = {
        Component.PAGES: lambda: _shows(settings, "/"),
        Component.SUBMISSION: lambda: _takes_bids(database, keyholder, files),
        Component.LEDGER: lambda: _keeps_up(database),
        Component.OPENING: lambda: _opens(keyholder),
        Component.SEARCH: lambda: _shows(settings, "/tenders"),
        Component.MAIL: lambda: _posts(settings),
    }
    seen = await asyncio.gather(*(_works(trial) for trial in trials.values()))
    async with database.begin(system("status")) as tx:
        measured = Measured(tx.real_now, dict(zip(trials, seen, strict=True)), _counted.elapsed())
        await count(tx, OWN, measured)
    _counted.done()
    return measured


async def _works(trial: Works) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await trial()
    except Exception:  # whatever is wrong with a part, it does not work
        return False


async def _shows(settings: Settings, path: str) -> bool:
    """As visitors reach it, through whatever stands before it."""
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return (await client.get(f"{settings.base_url}{path}")).status_code == 200


async def _takes_bids(database: Database, keyholder: Keyholder, files: Files) -> bool:
    """Changes are taken, the files' store answers, and the keyholder gives keys to seal with."""
    await files.has("sealed", NO_FILE)
    async with database.begin(system("status")) as tx:
        return await keyholder.answers() and not tx.read_only


async def _opens(keyholder: Keyholder) -> bool:
    """One that came back from a copy answers, and opens nothing until its staff confirmed the times."""
    return not (await keyholder.clocks()).restored


async def _keeps_up(database: Database) -> bool:
    """No record waits long for its place in the log."""
    async with database.begin(system("status")) as tx:
        return not await tx.session.scalar(WAITS, {"late": LATE})


async def _posts(settings: Settings) -> bool:
    """The mail server greets; a mailbox on this machine always does."""
    return all(finding.state is not State.BROKEN for finding in await neighbours.mail(settings))
