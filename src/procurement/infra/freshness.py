"""Whether anything public has changed: versions by topic, and the legal time, asked before each use of a kept page.

A topic is a contracting process, whose version is the number of its public facts, or a name that somebody turns with
`changed`: what no single process tells. Requests that wait together share one question; it is put after the last of
them arrived, so none is told of a state that was over before it came.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from procurement.infra.db import Table
from procurement.infra.tx import Tx

PUBLISHED = "published"  # some notice, and with it the lists and sums of them
FRAME = "frame"  # what every page shows: the banner of a closed service, the names of organisations
ALWAYS = (FRAME,)
PASSING = "passing"  # said in a session whose answers are not to be given again
PATIENCE = 2.0  # seconds that a visitor waits for an answer before the page is made anew

VERSIONS = """
    WITH moment AS MATERIALIZED (SELECT public.legal_now() AS now)
    SELECT topic, coalesce(
        (SELECT version FROM public.page_version named WHERE named.topic = asked.topic), 0
    ) + (SELECT count(*) FROM public.ledger_record fact WHERE fact.process = asked.topic AND fact.visible = 'at-once')
    AS version, now FROM moment, unnest(CAST({topics} AS text[])) AS asked (topic)
"""
IN_A_TRANSACTION, ALONE = text(VERSIONS.format(topics=":topics")), VERSIONS.format(topics="$1")
TURN = text("""
    INSERT INTO page_version (topic, version) VALUES (:topic, 1)
    ON CONFLICT (topic) DO UPDATE SET version = page_version.version + 1
""")

PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan"}  # planning took half of the time of an answer

Versions = dict[str, int]


class PageVersion(Table):
    __tablename__ = "page_version"

    topic: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


class Known(msgspec.Struct, frozen=True):
    """The versions at one moment of legal time."""

    now: datetime
    versions: Versions


async def changed(tx: Tx, topic: str) -> None:
    """Say that what pages show of a topic is no longer so. Do it last: the row stays locked until the commit."""
    await tx.session.execute(TURN, {"topic": topic})


def passing(tx: Tx) -> None:
    """What this transaction answers is not as it should be, and no page of it is to be given again."""
    tx.session.info[PASSING] = True


async def versions(session: AsyncSession, topics: Iterable[str]) -> Versions:
    """The versions, asked before anything is read that depends on them."""
    rows = await session.execute(IN_A_TRANSACTION, {"topics": [*topics, *ALWAYS]})
    return {row.topic: row.version for row in rows}


class _Round:
    """Requests that are answered together."""

    def __init__(self) -> None:
        self.topics: set[str] = set(ALWAYS)
        self.answer: asyncio.Future[Known] = asyncio.get_running_loop().create_future()


class Freshness:
    """Asks on a connection of its own, so that a kept page needs none of those that work."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.connection: asyncpg.Connection | None = None
        self.question: asyncpg.PreparedStatement
        self.gathering: _Round | None = None
        self.asking: asyncio.Task[None] | None = None

    async def ask(self, topics: Iterable[str]) -> Known:
        """What holds now. Raises OSError, TimeoutError or asyncpg's errors when the database does not say."""
        if self.gathering is None:
            self.gathering = _Round()
        mine = self.gathering
        mine.topics.update(topics)
        if self.asking is None:
            self.asking = asyncio.create_task(self._ask_until_nobody_waits())
        return await asyncio.shield(mine.answer)

    async def close(self) -> None:
        if self.connection is not None:
            await self.connection.close(timeout=1)

    async def _ask_until_nobody_waits(self) -> None:
        while self.gathering is not None:
            await asyncio.sleep(0)  # whoever has arrived by now is asked for, too
            now, self.gathering = self.gathering, None
            try:
                now.answer.set_result(await self._answer(now.topics))
            except Exception as lost:  # told to everybody who waits; the next round connects anew
                now.answer.set_exception(lost)
                with suppress(Exception):
                    await self.close()
                self.connection = None
        self.asking = None

    async def _answer(self, topics: set[str]) -> Known:
        if self.connection is None:
            _, options = self.engine.dialect.create_connect_args(self.engine.url)
            limits = {"timeout": PATIENCE, "command_timeout": PATIENCE}
            self.connection = await asyncpg.connect(**options, **limits, server_settings=PLANNED_ONCE)
            self.question = await self.connection.prepare(ALONE)
        rows = await self.question.fetch(list(topics))
        return Known(rows[0]["now"], {row["topic"]: row["version"] for row in rows})
