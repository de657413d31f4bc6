"""A database that was restored to an earlier point is noticed from outside of it: nothing is signed then."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from restored import lose_the_log
from sqlalchemy.ext.asyncio import async_sessionmaker

from procurement.infra import db, keys
from procurement.infra.doctor import State, examine
from procurement.infra.ledger.anchor import FILE, Anchor
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import LogFellBack, Sequencer
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import BadNote, SignerKey, open_checkpoint
from procurement.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def key(settings: Settings, database: Database) -> SignerKey:
    return keys.signer(Path(settings.data) / "keys" / "ledger", await database.origin())


@pytest.fixture
async def sequencer(settings: Settings, key: SignerKey) -> AsyncIterator[Sequencer]:
    ordering = db.engine(settings.sequencer_database_url, pool=2)
    anchor = Anchor(Path(settings.data), key.verifier)
    yield Sequencer(async_sessionmaker(ordering, expire_on_commit=False), key, anchor)
    await ordering.dispose()


async def record(database: Database, *names: str) -> None:
    async with database.begin(system("test")) as tx:
        for name in names:
            await tx.record(KeyPublished(purpose=name, verifier=name))


async def finding(settings: Settings) -> tuple[State, str] | None:
    found = [one for one in await examine(settings) if one.about == "ledger"]
    return (found[0].state, found[0].text) if found else None


async def test_the_newest_checkpoint_is_kept_and_the_doctor_is_content(
    settings: Settings, database: Database, sequencer: Sequencer, key: SignerKey
) -> None:
    assert await finding(settings) is None, "before the first checkpoint there is nothing to compare"
    for names in (("a", "b"), ("c",)):
        await record(database, *names)
        await sequencer.run_once()
    kept = open_checkpoint((Path(settings.data) / FILE).read_text(), key.verifier, key.verifier.name)
    assert kept.size == 3
    assert await finding(settings) == (State.OK, "holds all 3 entries of the checkpoint kept here.")


async def test_a_shorter_log_is_not_signed_on(
    settings: Settings, database: Database, sequencer: Sequencer, owner: asyncpg.Connection
) -> None:
    await record(database, "a", "b")
    await sequencer.run_once()
    await lose_the_log(owner)
    await record(database, "forked")
    with pytest.raises(LogFellBack, match="0 entries, a checkpoint kept outside of it covers 2"):
        await sequencer.run_once()
    assert await owner.fetchval("SELECT count(*) FROM ledger_leaf") == 0
    state, words = await finding(settings) or (State.OK, "")
    assert state is State.BROKEN and "Restore a newer backup" in words


async def test_another_log_of_the_same_length_is_not_signed_on(
    settings: Settings, database: Database, sequencer: Sequencer, key: SignerKey, owner: asyncpg.Connection
) -> None:
    await record(database, "a", "b")
    await sequencer.run_once()
    await lose_the_log(owner)
    await record(database, "c", "d", "e")
    await Sequencer(sequencer.sessions, key).run_once()  # as somebody who threw the kept checkpoint away would
    await record(database, "f")
    with pytest.raises(LogFellBack, match="not those"):
        await sequencer.run_once()
    assert await owner.fetchval("SELECT count(*) FROM ledger_checkpoint WHERE note IS NOT NULL") == 1


async def test_a_foreign_checkpoint_is_no_anchor(settings: Settings, key: SignerKey) -> None:
    path = Path(settings.data) / FILE
    path.parent.mkdir(parents=True)
    path.write_text(SignerKey("other/record", bytes(32)).sign("other/record\n1\n" + "A" * 43 + "=\n"))
    with pytest.raises(BadNote):
        Anchor(Path(settings.data), key.verifier)
