"""Small jobs that arrive at the same time in one process and are done in one go.

Nobody waits for company: a job that comes while none is under way begins at once, alone. What comes meanwhile is taken
together by the next go. A go answers each job by itself, or leaves it (None) to be done singly by whoever asked.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

from procurement.infra.logs import kind

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class Together(Generic[Asked, Answer]):
    """`do` is given at most `most` jobs and returns as many answers, in their order; `goes` of it run at once."""

    def __init__(
        self, do: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | None]]], *, most: int, goes: int
    ) -> None:
        self._do, self._most, self._goes = do, most, goes
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer | None]]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, job: Asked) -> Answer | None:
        """The answer; None for a job that is left to be done singly. Whoever stops waiting loses the answer only."""
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, answer))
        self._begin()
        return await answer

    def _begin(self) -> None:
        if not self._waiting or len(self._under_way) >= self._goes:
            return
        go = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        task = asyncio.create_task(self._go(go), context=Context())  # nobody's request in particular
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._begin()

    async def _go(self, go: Sequence[tuple[Asked, asyncio.Future[Answer | None]]]) -> None:
        """A go that breaks leaves all of its jobs to be done singly: there each learns what is wrong."""
        answers: Sequence[Answer | None] = [None] * len(go)
        try:
            answers = await self._do([job for job, _ in go])
        except Exception as broken:
            log.warning("%d jobs are done singly: %s", len(go), kind(broken))
        finally:
            for (_, waits), answer in zip(go, answers, strict=True):
                if not waits.done():
                    waits.set_result(answer)


class Apart(Generic[Asked, Answer]):
    """A queue of that kind for each name: whoever waits in one holds up nobody in another."""

    def __init__(
        self, do: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | None]]], *, most: int, goes: int
    ) -> None:
        self._do, self._most, self._goes = do, most, goes
        self._queues: dict[str, Together[Asked, Answer]] = {}
        self._asking = Counter[str]()

    async def ask(self, name: str, job: Asked) -> Answer | None:
        """As `Together.ask`."""
        self._asking[name] += 1
        queue = self._queues.setdefault(name, Together(self._do, most=self._most, goes=self._goes))
        try:
            return await queue.ask(job)
        finally:
            self._asking[name] -= 1
            if not self._asking[name]:
                del self._asking[name], self._queues[name]
