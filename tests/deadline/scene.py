"""Tenders of the practice republic whose deadline comes when a test says so, and what their operator sees."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import asyncpg
import msgspec
from republic import address
from whole_service import Up

from procurement.client import NewTender, Tender
from procurement.infra.services.embedded import Postgres
from procurement.tour.acts import Tour
from procurement.tour.story import OWN, Story

BEFORE = timedelta(hours=1)  # how long before the deadline a tender is looked at for the first time
APART = timedelta(hours=3)  # deadlines of tenders that are published together
MOVE = """
    INSERT INTO sandbox_clock (offset_by, actor) SELECT $1 - clock_timestamp() - $2::interval, 'test'
    RETURNING offset_by
"""
READ = """
    CREATE OR REPLACE FUNCTION legal_now() RETURNS timestamptz LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp AS $$ SELECT clock_timestamp() + interval '{} seconds' + coalesce(
        (SELECT offset_by FROM public.sandbox_clock ORDER BY id DESC LIMIT 1), interval '0') $$
"""
WORK = "SELECT count(*) FROM outbox WHERE done_at IS NULL AND attempts = 0 AND due_at <= clock_timestamp()"
SWEEP = 1.2  # seconds, and a little more: between two looks at the work
CALM = 60.0  # seconds within which what fell due has to be done
STANDING = "SELECT deadline, revision_hash FROM tender WHERE id = $1"


class Later(Story):
    """The same story, with a later deadline."""

    by: timedelta = timedelta()

    def draft(self, deadline: datetime) -> NewTender:
        return super().draft(deadline + self.by)


class Scene:
    """`tour` plays the buyer of the tender that is looked at; `owner` is the database as who owns the schema."""

    def __init__(self, up: Up, owner: asyncpg.Connection) -> None:
        self.up, self.owner, self.address = up, owner, address(up)
        self.tour = Tour(self.address, OWN)
        self._waiting: list[Tender] = []

    @property
    def tender(self) -> str:
        return self.tour.id

    @property
    def path(self) -> str:
        """Where bids for it are submitted."""
        return f"/api/v1/tenders/{self.tender}/bid"

    async def publish(self, many: int = 1) -> None:
        """So many tenders that nobody has looked at, and `next` to the first of them."""
        if len(self._waiting) < many:
            await self.prepare(many - len(self._waiting))
        await self.next()

    async def prepare(self, many: int) -> None:
        """New tenders, each with a later deadline; what fell due meanwhile is done when this ends."""
        for number in range(many):
            self.tour.story = msgspec.convert(msgspec.to_builtins(OWN) | {"by": number * APART}, Later)
            self.tour.draft()
            self.tour.submit_draft()
            self.tour.publish()
            self._waiting.append(self.tour.tender)
        self.tour.drafted = self._waiting[0]
        await self.deadline_in(2 * BEFORE)
        until, work = time.monotonic() + CALM, 1
        while work and time.monotonic() < until:
            await asyncio.sleep(SWEEP)
            work = await self.owner.fetchval(WORK)

    async def next(self) -> bool:
        """Look at the next tender, shortly before its deadline. False when there is none."""
        if not self._waiting:
            return False
        self.tour.drafted = self._waiting.pop(0)
        await self.deadline_in(BEFORE)
        return True

    async def standing(self) -> tuple[datetime, str]:
        """Its deadline and the hash of its revision now."""
        deadline, revision = await self.owner.fetchrow(STANDING, self.tender)
        return deadline, revision

    async def deadline_in(self, ahead: timedelta) -> float:
        """Move legal time so that the deadline is so far ahead; returns it by this machine's clock (since 1970)."""
        deadline, _ = await self.standing()
        offset = await self.owner.fetchval(MOVE, deadline, ahead)
        return float((deadline - offset).timestamp())

    async def database_clock(self, wrong: float) -> None:
        """Let the database's own clock be wrong by so many seconds: whoever reads it there reads it by `legal_now`."""
        await self.owner.execute(READ.format(wrong))


@asynccontextmanager
async def scene(up: Up) -> AsyncIterator[Scene]:
    owner = await asyncpg.connect(Postgres(up.data, (up.data / "run").resolve()).url("owner").replace("+asyncpg", ""))
    one = Scene(up, owner)
    try:
        yield one
    finally:
        one.tour.close()
        await owner.close()
