"""Whether somebody waits for an advisory lock: seen in the database itself, so that no test has to guess how long."""

import asyncio

import asyncpg

WAITING = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def is_held_up(task: "asyncio.Task[object]", owner: asyncpg.Connection) -> bool:
    """True once something in this database waits for such a lock; False when the task ends without waiting."""
    while not task.done():
        if await owner.fetchval(WAITING):
            return True
        await asyncio.sleep(0.01)
    return False
