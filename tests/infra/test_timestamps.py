"""An authority stamps a checkpoint a day; the stamp is stored, served, and verified with a root that one trusts."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from stamp_authority import Authority

from procurement.infra.ledger import stamping
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import Sequencer
from procurement.infra.ledger.stamping import NotStamped, rules_for, stamp_if_due
from procurement.infra.tx import Database
from procurement.kernel.actor import system
from procurement.kernel.checkpoint import SignerKey
from procurement.verifier import log as logs
from procurement.verifier import stamp
from procurement.verifier.log import Broken

pytestmark = pytest.mark.anyio

KEY = SignerKey("test.example/record", bytes(32))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def address(authority: Authority) -> Iterator[str]:
    authority.spoil = ""
    with authority.serving() as url:
        yield url


@pytest.fixture
def sequencer(ordering: async_sessionmaker[AsyncSession]) -> Sequencer:
    return Sequencer(ordering, KEY)


async def stamped(sequencer: Sequencer, url: str) -> bool:
    return await stamp_if_due(sequencer.sessions, url, rules_for(url, sandbox=True))


async def grow(database: Database, sequencer: Sequencer, *names: str) -> None:
    async with database.begin(system("test")) as tx:
        for name in names:
            await tx.record(KeyPublished(purpose=name, verifier=name))
    await sequencer.run_once()


async def test_a_stamp_is_stored_served_and_verified_with_a_trusted_root(
    database: Database, sequencer: Sequencer, client: httpx.AsyncClient, authority: Authority, address: str,
    tmp_path: Path, owner: asyncpg.Connection,
) -> None:  # fmt: skip
    assert not await stamped(sequencer, address), "there is nothing to stamp yet"
    await grow(database, sequencer, "a", "b")
    assert await stamped(sequencer, address)
    await grow(database, sequencer, "c")
    assert not await stamped(sequencer, address), "one a day"
    served = await everything(client)
    log = logs.read(served.__getitem__, KEY.verifier)
    said = stamp.verify(served.__getitem__, log, KEY.verifier, [authority.root])
    assert said.startswith(f"the first 2 entries existed at {authority.at:%Y-%m-%d %H:%M:%S} UTC")
    with pytest.raises(Broken, match="does not hold"):
        stamp.verify(served.__getitem__, log, KEY.verifier, [Authority().root])
    served["/ledger/timestamps"] = b"[]"
    with pytest.raises(Broken, match="no checkpoint of this log bears a time stamp"):
        stamp.verify(served.__getitem__, log, KEY.verifier, [authority.root])
    await openssl_agrees(served, authority, tmp_path)


async def everything(client: httpx.AsyncClient) -> dict[str, bytes]:
    """What a verifier reads of a log of three entries."""
    tile = "tile/0/000.p/3"
    paths = ("checkpoint", tile, tile.replace("0/", "entries/", 1), "timestamps", "timestamps/2", "proof/0?size=2")
    return {f"/ledger/{path}": (await client.get(f"/ledger/{path}")).content for path in paths}


async def openssl_agrees(served: dict[str, bytes], authority: Authority, folder: Path) -> None:
    """Another program reads the same reply, where it is installed."""
    if shutil.which("openssl") is None:
        return
    note = msgspec.json.decode(served["/ledger/proof/0?size=2"])["checkpoint"]
    (folder / "note").write_text(note)
    (folder / "reply").write_bytes(served["/ledger/timestamps/2"])
    (folder / "roots").write_bytes(authority.root.public_bytes(Encoding.PEM))
    words = ["openssl", "ts", "-verify", "-data", "note", "-in", "reply", "-CAfile", "roots"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)  # noqa: ASYNC221  # once, in a test
    assert done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr, done.stderr


async def test_a_day_later_the_newest_checkpoint_is_stamped_again(
    database: Database, sequencer: Sequencer, authority: Authority, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await grow(database, sequencer, "a")
    monkeypatch.setattr(authority, "at", authority.at - timedelta(days=2))
    assert await stamped(sequencer, address)
    await grow(database, sequencer, "b")
    monkeypatch.undo()
    assert await stamped(sequencer, address)
    async with database.begin(system("test")) as tx:
        assert [one.size for one in await stamping.latest(tx.session)] == [2, 1]


@pytest.mark.parametrize("wrong", ["status", "nonce", "message"])
async def test_an_answer_that_is_no_stamp_of_what_was_asked_is_not_kept(
    database: Database, sequencer: Sequencer, authority: Authority, address: str, wrong: str
) -> None:
    await grow(database, sequencer, "a")
    authority.spoil = wrong
    with pytest.raises(NotStamped):
        await stamped(sequencer, address)
    async with database.begin(system("test")) as tx:
        assert await stamping.latest(tx.session) == []
