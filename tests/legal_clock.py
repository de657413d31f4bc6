"""Moving the legal clock of a test's sandbox."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

Advance = Callable[[timedelta], Awaitable[None]]


def clock_of(owner: asyncpg.Connection) -> Advance:
    """What moves the legal clock of a sandbox forward."""

    async def move(by: timedelta) -> None:
        await owner.execute(
            "INSERT INTO sandbox_clock (offset_by, actor) SELECT coalesce((SELECT offset_by FROM sandbox_clock "
            "ORDER BY id DESC LIMIT 1), interval '0') + $1, 'test'",
            by,
        )

    return move
