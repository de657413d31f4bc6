"""`procurement doctor`: what is configured, reachable and out of date, and what to do about it.

It reads, and changes nothing. Each check answers for itself: one that fails hides no other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from procurement.infra.doctor import database, ledger, machine, neighbours, payments
from procurement.infra.doctor.finding import Finding, State, broken
from procurement.infra.doctor.smoke import smoke
from procurement.settings import Settings

__all__ = ["Check", "Finding", "State", "examine", "smoke"]

PATIENCE = 10.0  # seconds for one check

Check = Callable[[Settings], Awaitable[list[Finding]]]

CHECKS: dict[str, Check] = {
    "database": database.check,
    "ledger": ledger.check,
    "witnesses": ledger.company,
    "valkey": neighbours.valkey,
    "keyholder": neighbours.keyholder,
    "keyholder's key": ledger.keyholders,
    "files": neighbours.files,
    "mail": neighbours.mail,
    "malware": neighbours.malware,
    "cards": payments.cards,
    "address": machine.address,
    "disk": machine.disk,
    "country": machine.country,
}


async def examine(settings: Settings, also: Mapping[str, Check] = {}, deep: Mapping[str, Check] = {}) -> list[Finding]:
    """All findings, in the order of CHECKS; then what the stages look at themselves, at last what takes its time."""
    checks = CHECKS | dict(also)
    asked = [_ask(about, check, settings, PATIENCE) for about, check in checks.items()]
    asked += [_ask(about, check, settings, None) for about, check in deep.items()]
    found = await asyncio.gather(*asked)
    return [finding for several in found for finding in several]


async def _ask(about: str, check: Check, settings: Settings, patience: float | None) -> list[Finding]:
    try:
        async with asyncio.timeout(patience):
            return await check(settings)
    except Exception as failed:  # a doctor does not faint: what went wrong is a finding too
        return [broken(about, f"could not be examined: {failed or type(failed).__name__}.")]
