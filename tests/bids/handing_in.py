"""Several bidders with programs, who hand in sealed bids at the same time, to one tender or to two."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import httpx
from bidding import REVISION, SETUP, TENDER, Market, SealedBid, acting, once, seal
from browsing_bids import bearer
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from procurement.bids.service import parts
from procurement.identity import service as identity
from procurement.infra.files import Files
from procurement.infra.tx import Database
from procurement.kernel.actor import Actor
from procurement.kernel.permissions import Role

OTHER = "2026-0419"  # a second tender, with the same people
HELD_UP = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
BACKENDS = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'relation' AND NOT granted"


class Bidder:
    """Somebody who signs for a supplier, with a token and a bid whose parts are stored."""

    def __init__(self, client: httpx.AsyncClient, actor: Actor, headers: dict[str, str], bid: SealedBid) -> None:
        self.client, self.actor, self.headers, self.bid = client, actor, headers, bid
        self.tender = TENDER
        self.besides = b""  # further members of what is handed in

    async def hand_in(self, key: str = "key-1", version: int = 0) -> httpx.Response:
        body = b'{"envelope":%s,"version":%d%s}' % (self.bid.envelope, version or self.bid.version, self.besides)
        headers = {**self.headers, "content-type": "application/json", "idempotency-key": key}
        return await self.client.post(f"/api/v1/tenders/{self.tender}/bid", content=body, headers=headers)


class Bidders:
    """Makes them."""

    def __init__(self, client: httpx.AsyncClient, database: Database, files: Files, market: Market) -> None:
        self.client, self.database, self.files, self.market = client, database, files, market
        self._made = 0

    async def bidder(self, tender: str = TENDER, **changes: object) -> Bidder:
        """With an organisation of its own; `changes` are those of `seal`."""
        self._made += 1
        async with self.database.begin(SETUP) as tx:
            name, mail = f"Bidder {self._made}", f"bidder{self._made}@marrow.example"
            supplier = await identity.create_organisation(tx, name=name, kind="supplier", country="XM")
            person = await identity.create_person(tx, name=name, email=mail, fictional=True)
            await identity.grant(tx, person, supplier, Role.SIGNATORY)
        actor = acting(person, supplier, Role.SIGNATORY)
        bid = seal(self.market, supplier, **{"tender": tender, **changes})  # type: ignore[arg-type]  # any field
        blobs = [await parts.store(self.files, sha256, once(data)) for sha256, data in bid.parts.items()]
        async with self.database.begin(actor) as tx:
            await parts.register(tx, tender, blobs)
        made = Bidder(self.client, actor, await bearer(self.database, actor), bid)
        made.tender = tender
        return made

    async def several(self, many: int, tender: str = TENDER) -> list[Bidder]:
        return [await self.bidder(tender) for _ in range(many)]


async def publish_other(owner: asyncpg.Connection) -> None:
    """The second tender, open a day longer than the first."""
    await owner.execute("ALTER TABLE tender DISABLE TRIGGER USER")
    await owner.execute(
        """INSERT INTO tender SELECT (jsonb_populate_record(tender, jsonb_build_object('id', $1::text,
               'ocid', 'ocds-test-' || $1, 'deadline', deadline + interval '1 day',
               'opening_at', opening_at + interval '1 day'))).* FROM tender WHERE id = $2""",
        OTHER,
        TENDER,
    )
    await owner.execute("ALTER TABLE tender ENABLE TRIGGER USER")
    assert await owner.fetchval("SELECT revision_hash FROM tender WHERE id = $1", OTHER) == REVISION


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[Counter[str]]:
    """How many commits there were, and statements of each kind ("INSERT INTO bid")."""
    seen: Counter[str] = Counter()

    def statement(_connection: object, _cursor: object, text: str, *_: object) -> None:
        seen["all"] += 1
        if kind := re.match(r"\s*INSERT INTO \w+", text):
            seen[kind[0].strip()] += 1

    def commit(_connection: object) -> None:
        seen["commit"] += 1

    event.listen(engine.sync_engine, "after_cursor_execute", statement)
    event.listen(engine.sync_engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "after_cursor_execute", statement)
        event.remove(engine.sync_engine, "commit", commit)


@asynccontextmanager
async def stopped_at_insert(owner: asyncpg.Connection) -> AsyncIterator[None]:
    """Meanwhile nobody can insert a bid: whoever got as far as that waits."""
    async with owner.transaction():
        await owner.execute("LOCK TABLE bid IN SHARE MODE")
        yield


async def until_held_up(watcher: asyncpg.Connection) -> None:
    async with asyncio.timeout(30):
        while not await watcher.fetchval(HELD_UP):  # noqa: ASYNC110  # only the database knows
            await asyncio.sleep(0.01)


async def at_once(bidders: Sequence[Bidder]) -> list[httpx.Response]:
    return list(await asyncio.gather(*(bidder.hand_in() for bidder in bidders)))


def codes(answers: Sequence[httpx.Response]) -> list[str]:
    """ "received", or the code of the refusal."""
    return [
        "received" if answer.status_code == 201 else answer.json()["type"].removeprefix("/problems/")
        for answer in answers
    ]
