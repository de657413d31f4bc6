"""A receiver on loopback that answers as it is told, and an organisation whose webhook calls it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
from sqlalchemy.ext.asyncio import async_sessionmaker
from standardwebhooks import Webhook as Verifier
from tendering import Town, settle_town

from procurement.infra import db, egress
from procurement.infra.ledger import feed
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.tx import Database, Tx
from procurement.kernel.actor import Actor, system
from procurement.kernel.checkpoint import SignerKey
from procurement.notices.jobs import webhooks as jobs
from procurement.notices.rules.webhook import Delivery, Wanted, Webhook, What
from procurement.notices.service import webhooks
from procurement.settings import Settings

LOCAL = egress.Rules(local=True)
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Call(msgspec.Struct, frozen=True):
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def index(self) -> int:
        return int(msgspec.json.decode(self.body)["data"]["index"])


def saying(status: str, body: bytes = b"", *headers: str) -> Answer:
    """An answer with this status line."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""))
        writer.write(head.encode() + body)

    return answer


OK = saying("204 No Content")


async def hanging(writer: asyncio.StreamWriter) -> None:
    """Take the request and say nothing."""
    await asyncio.sleep(3600)


async def vanishing(writer: asyncio.StreamWriter) -> None:
    """Hang up without a word."""


class Receiver:
    """`answers[path]` are given one after the other, the last again and again; without any, 204."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, list[Answer]] = {}
        self.busy: set[asyncio.Task[None]] = set()
        self.port = 0

    def url(self, path: str = "/in") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def indexes(self, path: str = "/in") -> list[int]:
        return [call.index for call in self.calls if call.path == path]

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.busy.add(task)
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            call = Call(first.split()[1], headers, body)
            self.calls.append(call)
            script = self.answers.get(call.path, [OK])
            await (script.pop(0) if len(script) > 1 else script[0])(writer)
            await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the caller hung up, or the test is over
        finally:
            writer.close()
            self.busy.discard(task)

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[None]:
        server = await asyncio.start_server(self.accept, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for task in list(self.busy):
                task.cancel()
            await asyncio.gather(*self.busy, return_exceptions=True)


class Scene:
    """A town whose officer Olga has a webhook, and a log that grows."""

    def __init__(self, database: Database, sequencer: Sequencer, town: Town, receiver: Receiver) -> None:
        self.database, self.sequencer, self.town, self.receiver = database, sequencer, town, receiver
        self.secrets: dict[str, str] = {}

    @asynccontextmanager
    async def olga(self, proved: bool = True) -> AsyncIterator[Tx]:
        async with self.as_somebody(self.town.olga, proved) as tx:
            yield tx

    @asynccontextmanager
    async def as_somebody(self, actor: Actor, proved: bool = True) -> AsyncIterator[Tx]:
        async with self.database.begin(actor) as tx:
            tx.actor = msgspec.structs.replace(actor, stepped_up_at=tx.real_now if proved else None)
            yield tx

    async def add(self, path: str = "/in", what: What = What.EVERYTHING, **wanted: object) -> str:
        """A webhook of the city on this path; its id."""
        which = msgspec.structs.replace(Wanted(what), **wanted)
        async with self.olga() as tx:
            made, self.secrets[path] = await webhooks.add(tx, LOCAL, self.receiver.url(path), which)
        return made

    async def happens(self, times: int = 1, *, process: str = "", organisation: str = "") -> list[int]:
        """So many public facts; their places in the log."""
        async with self.database.begin(system("test")) as tx:
            for number in range(times):
                fact = KeyPublished(purpose=f"lamp {number}", verifier="test")
                await tx.record(fact, process=process, organisation=organisation)
        await self.placed()
        async with self.database.begin(system("test")) as tx:
            head = await feed.head(tx.session)
        return list(range(head - times + 1, head + 1))

    async def placed(self) -> None:
        while await self.sequencer.run_once():
            pass

    async def deliver(self) -> None:
        """What the worker does each second."""
        async with egress.client(LOCAL) as outside:
            await jobs.deliver(self.database, outside)

    def verified(self, path: str = "/in") -> Iterator[object]:
        """What the receiver's own library makes of every call: it raises for a wrong signature."""
        for call in self.receiver.calls:
            if call.path == path:
                yield Verifier(self.secrets[path]).verify(call.body, call.headers)


@asynccontextmanager
async def scene_of(settings: Settings, database: Database) -> AsyncIterator[Scene]:
    ordering, receiver = db.engine(settings.sequencer_database_url, pool=2), Receiver()
    sequencer = Sequencer(
        async_sessionmaker(ordering, expire_on_commit=False), SignerKey("test.example/record", bytes(32))
    )
    scene = Scene(database, sequencer, await settle_town(database), receiver)
    await scene.placed()
    async with receiver.listening():
        yield scene
    await ordering.dispose()


async def until(holds: Callable[[], bool], within: float = 5) -> None:
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110  # what is waited for happens in another process or coroutine
            await asyncio.sleep(0.01)


async def seen(scene: Scene, webhook: str) -> tuple[Webhook, list[Delivery]]:
    """What its owner sees."""
    async with scene.olga() as tx:
        return await webhooks.webhook(tx, webhook), await webhooks.deliveries(tx, webhook)


async def at_once(owner: asyncpg.Connection) -> None:
    """The pause before the next attempt is over."""
    await owner.execute("UPDATE webhook SET next_at = clock_timestamp()")
