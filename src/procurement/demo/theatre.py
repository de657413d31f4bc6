"""The stage that procurements are played on: real services, a real keyholder, a signed log, a clock to move."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from procurement import stages
from procurement.demo.people import Cast
from procurement.infra import db, keys
from procurement.infra.files import Files
from procurement.infra.keyholder import Keyholder
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role
from procurement.keyholder import totp
from procurement.opening import service as opening
from procurement.settings import Settings

Play = AsyncIterator[float]
"""A procurement as a coroutine: it yields the day (from now, negative before) on which it goes on."""


class Theatre:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database_url, Handlers(stages.HANDLERS))
        self.ordering = db.engine(settings.sequencer_database_url, pool=2)
        self.files = Files.connect(settings.files_url, Path(settings.data))
        self.keyholder = Keyholder(Path(settings.keyholder_socket))
        self.cast = Cast()
        self.enrolled = 0  # the time step in which everybody's codes were confirmed, and so used
        self.steps: dict[str, int] = {}  # the last time step whose code somebody used

    async def prepare(self) -> None:
        """The keys of the log, and the keyholder's trust in it."""
        folder = Path(self.settings.data) / "keys"
        origin = await self.database.origin()
        log = keys.signer(folder / "ledger", origin)
        self.receipts = keys.signer(folder / "receipts", origin + keys.RECEIPTS)
        self.sequencer = Sequencer(async_sessionmaker(self.ordering, expire_on_commit=False), log)
        await self.keyholder.pin(str(log.verifier), origin)

    async def play(self, plays: Iterable[Play]) -> None:
        """Resume each play on its day, in the order of days; legal time is always the day that is played."""
        waiting = [(await anext(play), number, play) for number, play in enumerate(plays)]
        heapq.heapify(waiting)
        while waiting:
            day, number, play = heapq.heappop(waiting)
            await self.set_clock(day)
            try:
                heapq.heappush(waiting, (await anext(play), number, play))
            except StopAsyncIteration:
                continue
        await self.set_clock(0)

    async def set_clock(self, day: float) -> None:
        """Legal time is `day` days from real time. It moves only forward, and not at all when it is there already."""
        async with self.database.sessions.begin() as session:
            await session.execute(
                text(
                    "INSERT INTO sandbox_clock (offset_by, actor) SELECT CAST(:by AS interval), 'system:demo' "
                    "WHERE NOT EXISTS (SELECT FROM sandbox_clock WHERE offset_by >= CAST(:by AS interval))"
                ),
                {"by": timedelta(seconds=round(day * 86400))},
            )

    @asynccontextmanager
    async def acting(self, organisation: str, role: Role, number: int = 0) -> AsyncIterator[Tx]:
        """A transaction of somebody with that role."""
        async with self.database.begin(Actor()) as tx:
            tx.actor = self.cast.actor(organisation, role, tx.real_now, number)
            yield tx

    async def next_code(self, tx: Tx) -> str:
        """A key code that this person has not used: the keyholder takes each once, and one step ahead of its clock.

        On a slow machine the one after the last may be long over.
        """
        secret = await opening.fictional_secret(tx)
        fresh = max(self.steps.get(tx.actor.person, self.enrolled) + 1, await self.step())
        while fresh > await self.step() + 1:  # noqa: ASYNC110  # a clock sets no event
            await asyncio.sleep(1)
        self.steps[tx.actor.person] = fresh
        return totp.code_at(secret, fresh)

    async def step(self) -> int:
        """The keyholder's present time step."""
        return totp.step_at((await self.keyholder.clocks()).legal.timestamp())

    async def sequence(self) -> None:
        """Give every record its place, and sign."""
        while await self.sequencer.run_once():
            pass

    async def close(self) -> None:
        await self.ordering.dispose()
        await self.database.dispose()
