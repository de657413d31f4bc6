"""A log from before there were open entries goes on under this release, and is verified as a whole."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker

from procurement import stages
from procurement.holders.promised import promised
from procurement.infra import db, schema
from procurement.infra.ledger import repeating
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.outbox import Handlers
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import SignerKey
from procurement.kernel.cosignature import Quorum
from procurement.kernel.entry import is_open
from procurement.kernel.refusal import Refused
from procurement.kernel.sealing.opening_record import Word
from procurement.opening.service.evidence import word_of_keyholder
from procurement.settings import Settings
from procurement.tenders import service as tenders
from procurement.verifier import log as logs
from procurement.verifier import tender
from procurement.verifier.log import Fetch, Log
from procurement.verifier.monitor.follow import Bounds, Follower

pytestmark = pytest.mark.anyio
FOLLOWED = "ocds-xmarrow-2026-0001"  # from notice to contract, in the release that landed first


class Upgraded:
    """The old database under this release, and whoever reads its log from far away."""

    def __init__(self, settings: Settings, database: Database, key: SignerKey, client: httpx.AsyncClient) -> None:
        self.settings, self.database, self.key, self.client = settings, database, key, client
        self.fetch = self._fetching(asyncio.get_running_loop())

    async def sequence(self) -> None:
        ordering = db.engine(self.settings.owner_database_url, pool=2)
        sequencer = Sequencer(async_sessionmaker(ordering, expire_on_commit=False), self.key)
        while await sequencer.run_once():
            pass
        await ordering.dispose()

    async def verified(self) -> Log:
        return await asyncio.to_thread(self._verify)

    async def repeat(self) -> int:
        count = await repeating.repeat(self.database, stages.RELIED_ON)
        assert count is not None
        await self.sequence()
        return count

    def _verify(self) -> Log:
        log = logs.read(self.fetch, self.key.verifier)
        assert tender.verify(log, FOLLOWED, logs.served(self.fetch, 0, log.checkpoint.size)).checks
        return log

    def _fetching(self, loop: asyncio.AbstractEventLoop) -> Fetch:
        def fetch(path: str) -> bytes:
            answer = asyncio.run_coroutine_threadsafe(self.client.get(path), loop).result()
            assert answer.status_code == httpx.codes.OK, path
            return answer.content

        return fetch


@pytest.fixture
async def upgraded(
    landed: Settings, tmp_path: Path, serve: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
) -> AsyncIterator[Upgraded]:
    await asyncio.to_thread(schema.upgrade, landed.owner_database_url, False)
    database = Database(landed.database_url, Handlers([]))
    async with database.begin(system("test")) as tx:
        key = SignerKey(await ledger.origin(tx.session), bytes(32))
    settings = msgspec.structs.replace(
        landed, base_url="http://test", pages_per_minute=0, redis_url="unix:///nowhere", data=str(tmp_path)
    )
    async with serve(settings) as client:
        yield Upgraded(landed, database, key, client)
    await database.dispose()


async def test_old_entries_stay_new_ones_are_open_and_the_log_verifies_with_both(upgraded: Upgraded) -> None:
    async with upgraded.database.begin(system("test")) as tx:
        before = await ledger.leaves(tx.session, 0, 100_000)
        await tx.record(KeyPublished(purpose="checkpoints", verifier=str(upgraded.key.verifier)))
    assert before and not any(map(is_open, before))
    await upgraded.sequence()
    log = await upgraded.verified()
    assert log.entries[: len(before)] == before and all(map(is_open, log.entries[len(before) :]))


async def test_what_clients_rely_on_is_repeated_after_the_upgrade_and_monitors_follow(upgraded: Upgraded) -> None:
    async with upgraded.database.begin(system("test")) as tx:
        await tx.record(KeyPublished(purpose="checkpoints", verifier=str(upgraded.key.verifier)))
    await upgraded.sequence()
    follower, now = Follower(upgraded.fetch, upgraded.key.verifier, Bounds()), datetime.now(UTC)
    seen = await asyncio.to_thread(follower.round, None, now)
    assert await upgraded.repeat() > 10
    assert await upgraded.repeat() == 0
    await upgraded.verified()
    done = await asyncio.to_thread(follower.round, seen.state, now)
    assert done.entries and done.state.open_since == seen.state.open_since
    async with upgraded.database.begin(system("test")) as tx:
        listed = [msgspec.json.decode(one.record) for one in await ledger.of_process(tx.session, FOLLOWED)]
    published = next(one for one in listed if one["type"] == "TenderPublished")
    (repeated,) = [one["fact"]["records"] for one in listed if one["type"] == "RecordsRepeated"]
    assert published in [msgspec.json.decode(one["record"]) for one in repeated]


async def test_a_holders_program_takes_what_it_is_sent_of_before_once_that_is_repeated(upgraded: Upgraded) -> None:
    """The keyholder did not sign then, so nothing is signed; and nobody else could read it, before it was repeated."""

    async def said() -> Word:
        async with upgraded.database.begin(system("test")) as tx:
            listed = [msgspec.json.decode(one.record) for one in await ledger.of_process(tx.session, FOLLOWED)]
            id_ = next(one["fact"]["tender"] for one in listed if one["type"] == "TenderPublished")
            one = await tenders.tender(tx, id_)
            assert one.opening_at
            sent = await word_of_keyholder(tx, one)
            word = promised(sent, id_, one.opening_at, upgraded.key.verifier, "", Quorum())
            assert word.until == one.opening_at
            return word

    async with upgraded.database.begin(system("test")) as tx:
        await tx.record(KeyPublished(purpose="checkpoints", verifier=str(upgraded.key.verifier)))
    await upgraded.sequence()
    with pytest.raises(Refused, match="is hidden in the record"):
        await said()
    await upgraded.repeat()
    assert not (await said()).key
