"""Delivering webhooks: many endpoints at once, each in order, and none waits for a slow one."""

import asyncio
import logging
from functools import cache

import httpx

from procurement.infra import egress
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.notices.service import webhook_sending, webhook_turns
from procurement.notices.service.webhook_turns import Turn
from procurement.settings import Settings

SENDER = system("webhooks")
AT_ONCE = 32  # calls under way in this process
LONGEST_TURN = 20  # messages to one endpoint before others come first
PAUSE = 1.0  # seconds between two looks for more to do while calls are under way

log = logging.getLogger(__name__)


async def sweep(database: Database) -> None:
    """Deliver what waits; the worker calls it each second. If it never runs, nothing is lost: positions stay."""
    async with egress.client(_allowed(await database.is_sandbox())) as outside:
        await deliver(database, outside)


async def deliver(database: Database, outside: httpx.AsyncClient) -> None:
    """Serve every endpoint that is due, also those that become due meanwhile, until no call is under way."""
    under_way: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        while True:
            turns = await _take(database, AT_ONCE - len(under_way))
            under_way |= {group.create_task(_serve(database, outside, turn)) for turn in turns}
            if not under_way:
                return
            _, under_way = await asyncio.wait(under_way, timeout=PAUSE, return_when=asyncio.FIRST_COMPLETED)


async def _take(database: Database, most: int) -> list[Turn]:
    if most <= 0:
        return []
    async with database.begin(SENDER) as tx:
        return await webhook_turns.take(tx, most)


async def _serve(database: Database, outside: httpx.AsyncClient, turn: Turn) -> None:
    """Whatever goes wrong with one endpoint, the others go on: its lease runs out, and it is tried again."""
    try:
        for _ in range(LONGEST_TURN):
            async with database.begin(SENDER) as tx:
                message = await webhook_turns.next_message(tx, turn)
            if message is None:
                return
            outcome = await webhook_sending.send(outside, message)
            async with database.begin(SENDER) as tx:
                if not await webhook_turns.note(tx, turn, message, outcome):
                    return
        async with database.begin(SENDER) as tx:
            await webhook_turns.give_back(tx, turn)
    except Exception:
        log.exception("webhook %s waits", turn.webhook)


@cache
def _allowed(sandbox: bool) -> egress.Rules:
    """What this process may call: jobs have no request to get the settings from."""
    return egress.Rules.of(Settings.read(), sandbox=sandbox)
