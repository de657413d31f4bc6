"""Waiting for what comes next in the log, without a connection to the database in hand.

While anybody in this process waits, one task reads what is new, once for all of them.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.infra.ledger import feed
from procurement.infra.ledger.feed import Change, Page, Wanted
from procurement.kernel.refusal import Refused

PAUSE = 0.2  # seconds between two looks at the log
LONGEST_PAUSE = 2.0
KEPT = 2_000  # newest changes kept in memory for those who wait
READERS = 500  # who may wait in one process
SOON = 10  # seconds after which somebody may have left
READERS_OF_ONE = 50  # who may wait from one address

log = logging.getLogger(__name__)


class Watch:
    """One a process; `readers` and `of_one` bound how many may wait, in all and from one address."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], readers: int = READERS, of_one: int = READERS_OF_ONE
    ) -> None:
        self.sessions, self.readers, self.of_one = sessions, readers, of_one
        self.ended = False
        self._places: Counter[str] = Counter()
        self._head, self._kept = feed.BEGINNING, deque[Change](maxlen=KEPT)
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        return self._places.total()

    def must_have_room(self, who: str) -> None:
        """Refused("too-many-readers") when this process is full, Refused("too-many") when one address has its share."""
        if self.waiting >= self.readers:
            words = "Too many programs wait here just now. Try again soon."
            raise Refused("too-many-readers", words, status=503, retry_after=SOON)
        if self._places[who] >= self.of_one:
            words = f"At most {self.of_one} readers wait from one address."
            raise Refused("too-many", words, status=429, retry_after=SOON)

    @contextmanager
    def place(self, who: str) -> Iterator[None]:
        """Somebody waits; the first one starts the task that looks, and it ends after the last one."""
        self._places[who] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._places[who] -= 1
            self._places += Counter()  # forgets those who have no place

    async def following(self, after: int, limit: int, wanted: Wanted, seconds: float) -> Page:
        """The first page above `after` with something in it, or what there is when `seconds` have passed."""
        until = time.monotonic() + seconds
        while await self._has_news(after, until):
            found = self._remembered(after, limit, wanted)
            if found is None:
                async with self.sessions() as session:
                    found = await feed.page(session, after, limit, wanted)
            if found.changes:
                return found
            after = found.next
        return Page([], after, max(after, self._head))

    def end(self) -> None:
        """Whoever waits is answered now: this process ends."""
        self.ended = True
        self._news.set()

    async def close(self) -> None:
        self.end()
        if self._task:
            await asyncio.wait([self._task])

    async def _has_news(self, after: int, until: float) -> bool:
        """Whether something stands above `after`: as soon as it does, or not until that moment or the end."""
        while self._head <= after and not self.ended:
            try:
                await asyncio.wait_for(self._news.wait(), until - time.monotonic())
            except TimeoutError:
                return False
        return not self.ended

    def _remembered(self, after: int, limit: int, wanted: Wanted) -> Page | None:
        """The same page from memory, where that reaches back far enough."""
        if not self._kept or after < self._kept[0].index - 1:
            return None
        above = islice(self._kept, after + 1 - self._kept[0].index, None)
        found = list(islice((one for one in above if wanted.takes(one)), limit))
        return Page(found, found[-1].index if len(found) == limit else self._head, self._head)

    async def _look(self) -> None:
        self._kept.clear()
        began, pause = False, PAUSE
        while self._places and not self.ended:
            try:
                if began:
                    await self._read_news()
                else:
                    await self._begin()
                    began = True
                pause = PAUSE
            except Exception as lost:  # the database is away: those who wait go on waiting
                pause = min(pause * 2, LONGEST_PAUSE)
                log.warning("the feed cannot be read: %s; again in %.1f s", type(lost).__name__, pause)
            await asyncio.sleep(pause)

    async def _begin(self) -> None:
        async with self.sessions() as session:
            self._spread(await feed.head(session))

    async def _read_news(self) -> None:
        async with self.sessions() as session:
            news = await feed.changes(session, self._head, feed.PAGE)
        if news:
            self._kept.extend(news)
            self._spread(news[-1].index)

    def _spread(self, head: int) -> None:
        self._head = head
        self._news.set()
        self._news = asyncio.Event()
