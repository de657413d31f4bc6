"""One request or job = one actor + one moment + one database transaction.

Returning commits, raising rolls back. Nobody else commits.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from procurement.infra import db, logs
from procurement.infra.ledger import service as ledger_service
from procurement.infra.ledger import writing
from procurement.infra.ledger.writing import Noted, Written
from procurement.infra.outbox import Handler, Handlers, Outbox
from procurement.kernel.actor import Actor
from procurement.kernel.fact import Fact
from procurement.kernel.refusal import Refused

# Both clocks are one reading, so that they stay apart by the same to the microsecond: days begin together in both.
CLOCKS = text("""
    SELECT clock.legal, clock.legal - CASE WHEN :sandbox THEN coalesce(
        (SELECT offset_by FROM public.sandbox_clock ORDER BY id DESC LIMIT 1), interval '0'
    ) ELSE interval '0' END AS real, current_setting('transaction_read_only') = 'on' OR
    coalesce((SELECT read_only FROM public.service_mode ORDER BY id DESC LIMIT 1), false) AS read_only
    FROM (SELECT public.legal_now() AS legal) AS clock
""")


class Tried:
    """What became of an attempt: falsy when all went well."""

    refused: Refused | None = None

    def __bool__(self) -> bool:
        return self.refused is not None


class Tx:
    """`now` is legal time, `real_now` the database's real clock; both UTC. `read_only`: see infra.mode."""

    def __init__(self, session: AsyncSession, actor: Actor, handlers: Handlers, sandbox: bool) -> None:
        self.session, self.actor, self.handlers, self.sandbox = session, actor, handlers, sandbox
        self.now = self.real_now = datetime.min
        self.queued = self.read_only = False

    async def clock(self) -> datetime:
        """Read the database's clocks again: after the locks that matter, never before."""
        row = (await self.session.execute(CLOCKS, {"sandbox": self.sandbox})).one()
        self.now, self.real_now, self.read_only = row.legal, row.real, row.read_only
        return self.now

    async def record(self, fact: Fact, *, process: str = "", organisation: str = "") -> int:
        """Append a fact to the ledger and queue what follows from it; returns the ledger record's id."""
        await self.session.flush()  # the fact comes after what it speaks of
        logs.concerns(process)
        topics = self.handlers.of.get(type(fact).__name__, ())
        self.queued = self.queued or bool(topics)
        noted = Noted(fact, self.now, self.actor.recorded_as, process, organisation)
        return await writing.write(self.session, noted, topics)

    async def record_all(self, noted: Sequence[Noted]) -> list[Written]:
        """The same for facts of one type, each with its own moment and actor."""
        await self.session.flush()
        topics = self.handlers.of.get(type(noted[0].fact).__name__, ())
        self.queued = self.queued or bool(topics)
        return await writing.write_all(self.session, noted, topics)

    async def later(self, handler: Handler, payload: dict[str, Any], due: datetime | None = None) -> None:
        """Queue work that no fact starts; `due` is real time, now when omitted."""
        self.queued = True
        values = {"topic": handler.topic, "payload": payload, "due_at": due or self.real_now}
        await self.session.execute(insert(Outbox).values(**values, attempts=0, problem=""))

    @asynccontextmanager
    async def trying(self) -> AsyncIterator[Tried]:
        """A savepoint: a refusal undoes what was done inside, is kept in `.refused`, and its fact is recorded."""
        tried = Tried()
        try:
            async with self.session.begin_nested():
                yield tried
        except Refused as no:
            tried.refused = no
            self.session.expunge_all()  # rows loaded inside may no longer be true
            if no.fact:
                await self.record(no.fact, process=no.process)


class Database:
    """Opens transactions. `wake` is told after a commit that queued work; each session holds what is `carried`."""

    def __init__(
        self,
        url: str,
        handlers: Handlers,
        wake: Callable[[], Awaitable[None]] | None = None,
        carried: dict[str, Any] | None = None,
    ) -> None:
        self.engine = db.engine(url)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False, info=carried or {})
        self.handlers, self.wake = handlers, wake
        self.sandbox: bool | None = None

    async def is_sandbox(self) -> bool:
        """Decided when the database was made, and for ever."""
        if self.sandbox is None:
            async with self.engine.connect() as connection:
                self.sandbox = bool(await connection.scalar(text("SELECT sandbox FROM public.installation")))
        return self.sandbox

    async def origin(self) -> str:
        """The name of this installation's log."""
        async with self.engine.connect() as connection:
            return await ledger_service.origin(connection)

    @asynccontextmanager
    async def begin(self, actor: Actor) -> AsyncIterator[Tx]:
        sandbox = await self.is_sandbox()
        async with self.sessions.begin() as session:
            tx = Tx(session, actor, self.handlers, sandbox)
            await tx.clock()
            yield tx
        if tx.queued and self.wake:
            await self.wake()

    async def record_refused(self, actor: Actor, no: Refused) -> None:
        """Record the fact that a refusal carries, after everything else was rolled back."""
        if no.fact:
            async with self.begin(actor) as tx:
                await tx.record(no.fact, process=no.process)

    async def dispose(self) -> None:
        await self.engine.dispose()
