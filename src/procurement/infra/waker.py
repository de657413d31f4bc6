"""All of arq: it only wakes workers sooner. What is to be done stands in the outbox, in PostgreSQL."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from arq.connections import ArqRedis, RedisSettings
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

PATIENCE = 0.5  # seconds a wake-up may take; the sweep comes anyway
PAUSE, LONGEST_PAUSE = 1.0, 15.0  # seconds before arq is started again

log = logging.getLogger(__name__)


class Waker:
    """Tells workers that there is work. Never fails and never delays the one who tells."""

    def __init__(self, redis_url: str) -> None:
        self.connections = ConnectionPool.from_url(redis_url)  # it connects when first used
        self.queue = ArqRedis(self.connections, job_serializer=msgspec.json.encode)
        self.calls: set[asyncio.Task[None]] = set()

    async def wake(self) -> None:
        self.calls.add(call := asyncio.create_task(self._call()))
        call.add_done_callback(self.calls.discard)

    async def _call(self) -> None:
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.queue.enqueue_job("wake", _job_id="wake")

    async def close(self) -> None:
        """Ends what is under way first, so that no connection outlives it."""
        calls = list(self.calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        with suppress(RedisError, OSError):
            await self.connections.disconnect()


async def listen(redis_url: str, woken: Callable[[], None]) -> None:
    """Run arq's worker for ever. It ends when Valkey dies; it is started again, after pauses that grow."""

    async def wake(context: dict[str, Any]) -> None:
        woken()

    pause = PAUSE
    while True:
        arq = Worker(
            [func(wake, name="wake")],  # type: ignore[arg-type]  # arq wants a protocol that no function has
            redis_settings=RedisSettings.from_dsn(redis_url),
            job_serializer=msgspec.json.encode,
            job_deserializer=msgspec.json.decode,
            keep_result=0,
            handle_signals=False,
            poll_delay=0.1,
        )
        started = asyncio.get_running_loop().time()
        try:
            await arq.async_run()
        except (RedisError, OSError) as lost:
            log.warning("arq: %s; again in %.0f s", lost, pause)
        finally:
            with suppress(RedisError, OSError):
                await arq.close()
        await asyncio.sleep(pause)
        steady = asyncio.get_running_loop().time() - started > LONGEST_PAUSE
        pause = PAUSE if steady else min(pause * 2, LONGEST_PAUSE)
