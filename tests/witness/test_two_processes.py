"""Our log and a real witness, a process of its own: cosigned while it answers, never held up when it does not."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import httpx
import msgspec
import pytest
from anyio import to_thread
from click.testing import CliRunner
from restored import lose_the_log
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from whole_service import free_port
from witness_process import WitnessProcess

from procurement.infra import keys
from procurement.infra.doctor import State, examine
from procurement.infra.ledger import asking, witnesses
from procurement.infra.ledger import service as ledger
from procurement.infra.ledger.anchor import FILE, Anchor
from procurement.infra.ledger.asking import Company, rules_for
from procurement.infra.ledger.command import new_origin
from procurement.infra.ledger.facts import KeyPublished
from procurement.infra.ledger.sequencer import LogFellBack, Sequencer
from procurement.infra.ledger.witnesses import Witness
from procurement.infra.tx import Database
from procurement.kernel.actor import NOBODY, system
from procurement.kernel.checkpoint import BadNote, SignerKey
from procurement.kernel.cosignature import WitnessKey, cosigned
from procurement.settings import Settings

if TYPE_CHECKING:
    from conftest import Serve

pytestmark = pytest.mark.anyio


LOGS = [SignerKey(f"test.example/log-{number}", bytes([number]) * 32) for number in range(1, 10)]
left = iter(LOGS)


@pytest.fixture
async def key(settings: Settings, owner: asyncpg.Connection) -> SignerKey:
    """This test's own log: one that the witness has not seen yet."""
    key = next(left)
    path = Path(settings.data) / "keys" / "ledger"
    path.parent.mkdir(parents=True)
    path.write_bytes(key.private.private_bytes_raw())
    await owner.execute("ALTER TABLE installation DISABLE TRIGGER USER")
    await owner.execute("UPDATE installation SET origin = $1", key.verifier.name)
    return key


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WitnessProcess]:
    """One process for all these logs, as a real one would be."""
    folder = tmp_path_factory.mktemp("witness")
    with WitnessProcess(folder, *(log.verifier for log in LOGS)) as process:
        yield process


Make = Callable[..., tuple[Sequencer, Company]]


@pytest.fixture
def worker(settings: Settings, key: SignerKey, ordering: async_sessionmaker[AsyncSession]) -> Make:
    """What a worker that starts has: a sequencer and its company of witnesses, on the same anchor."""

    def start(*company: Witness) -> tuple[Sequencer, Company]:
        anchor = Anchor(Path(settings.data), key.verifier)
        rules = rules_for(company, sandbox=True)
        return Sequencer(ordering, key, anchor), Company(ordering, company, key.verifier, anchor, rules)

    return start


async def record(database: Database, *names: str) -> None:
    async with database.begin(system("test")) as tx:
        for name in names:
            await tx.record(KeyPublished(purpose=name, verifier=name))


async def newest(database: Database) -> str:
    async with database.begin(NOBODY) as tx:
        found = await ledger.latest_checkpoint(tx.session)
        assert found
        return await witnesses.with_cosignatures(tx.session, found)


async def test_each_checkpoint_is_cosigned_and_served_with_the_cosignature(
    settings: Settings,
    database: Database,
    client: httpx.AsyncClient,
    serve: "Serve",
    worker: Make,
    witness: WitnessProcess,
) -> None:
    sequencer, company = worker(witness.witness)
    assert (await client.get("/ledger/checkpoint/witnessed")).status_code == 404
    for names in (("a", "b", "c"), ("d",), ("e", "f")):
        await record(database, *names)
        await sequencer.run_once()
        await company.round()
        found = cosigned(await newest(database), witness.key)
        assert found and found.witness == witness.name
    assert (await client.get("/ledger/checkpoint")).text == await newest(database)
    assert "Unwitnessed" in (await client.get("/ledger")).text, "this service knows no witness"
    async with serve(settings_with(settings, witness.setting)) as asked:
        for page in ("/ledger", "/about/record"):
            assert f"{witness.name} cosigned the first 6 entries" in (await asked.get(page)).text
        assert (await asked.get("/ledger/keys")).json()["witnesses"] == [str(witness.key)]
    await record(database, "not cosigned yet")
    await sequencer.run_once()
    served = (await client.get("/ledger/checkpoint/witnessed")).text
    assert served.split("\n")[1] == "6" and cosigned(served, witness.key)
    proof = (await client.get("/ledger/proof/0")).json()
    assert proof["size"] == 6 and cosigned(proof["checkpoint"], witness.key)
    assert (await client.get("/ledger/proof/6")).json()["size"] == 7


async def test_a_witness_that_forgot_us_names_its_size_and_is_brought_up(
    database: Database, worker: Make, witness: WitnessProcess, key: SignerKey
) -> None:
    sequencer, company = worker(witness.witness)
    for name in "ab":
        await record(database, name)
        await sequencer.run_once()
        await company.round()
    with sqlite3.connect(witness.folder / "witness.sqlite") as memory:
        memory.execute("DELETE FROM cosigned WHERE origin = ?", (key.verifier.name,))
    memory.close()
    await record(database, "c")
    await sequencer.run_once()
    await company.round()
    assert cosigned(await newest(database), witness.key)


async def test_a_dead_or_silent_witness_costs_neither_the_log_nor_the_others(
    database: Database, worker: Make, witness: WitnessProcess, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(asking, "PATIENCE", 0.5)
    dead = Witness(WitnessKey("dead.example/w", bytes(32)), f"http://127.0.0.1:{free_port()}")
    sequencer, company = worker(dead, witness.witness)
    await company.remember()
    await record(database, "a")
    assert await sequencer.run_once() == 1
    began = time.monotonic()
    company.again.clear()
    await company.round()
    assert time.monotonic() - began < 4
    assert cosigned(await newest(database), witness.key)
    assert "witness dead.example/w did not cosign" in caplog.text
    assert company.again[dead.url] > time.monotonic() + 5, "it is left alone for a while"


async def test_after_a_restore_the_witness_remembers_what_this_machine_forgot(
    settings: Settings, database: Database, worker: Make, witness: WitnessProcess, owner: asyncpg.Connection
) -> None:
    """Database and kept checkpoint are of an earlier point: only the witness knows more."""
    sequencer, company = worker(witness.witness)
    await record(database, "a", "b", "c")
    await sequencer.run_once()
    await company.round()
    await lose_the_log(owner)
    (Path(settings.data) / FILE).unlink()
    await record(database, "forked")
    sequencer, company = worker(witness.witness)
    await company.remember()
    with pytest.raises(LogFellBack, match="0 entries, a checkpoint kept outside of it covers 3"):
        await sequencer.run_once()
    assert await owner.fetchval("SELECT count(*) FROM ledger_checkpoint") == 0


async def test_a_fork_that_grew_while_the_witness_was_away_stops_when_it_is_back(
    settings: Settings, database: Database, worker: Make, witness: WitnessProcess, owner: asyncpg.Connection
) -> None:
    sequencer, company = worker(witness.witness)
    await record(database, "a", "b")
    await sequencer.run_once()
    await company.round()
    await lose_the_log(owner)
    (Path(settings.data) / FILE).unlink()
    await record(database, "x", "y", "z")
    sequencer, company = worker(witness.witness)  # which could not ask at its start
    await sequencer.run_once()
    await company.round()
    assert cosigned(await newest(database), witness.key) is None
    await record(database, "more")
    with pytest.raises(LogFellBack, match="the first 2 entries of the database are not those"):
        await sequencer.run_once()


async def test_after_a_loss_the_log_takes_another_name_when_somebody_says_so_twice(
    settings: Settings, database: Database, worker: Make, witness: WitnessProcess, owner: asyncpg.Connection,
    key: SignerKey,
) -> None:  # fmt: skip
    environ = {**settings.environ(), "LEDGER_WITNESSES": witness.setting}
    said = await command(environ)
    assert "keeps its name" in said, "nothing was lost"
    sequencer, company = worker(witness.witness)
    await record(database, "a", "b", "c")
    await sequencer.run_once()
    await company.round()
    await lose_the_log(owner)
    (Path(settings.data) / FILE).unlink()
    said = await command(environ)
    word = said.split()[-1]
    assert "the database holds 0 entries" in said and f"as {key.verifier.name}/2" in said
    assert "not-confirmed" not in said and "Give --reason" in await command(environ, "--confirm", word)
    assert "Give --reason" in await command(environ, "--confirm", "00000000", "--reason", "fire")
    assert "is " + key.verifier.name + "/2" in await command(environ, "--confirm", word, "--reason", "fire")
    assert await database.origin() == f"{key.verifier.name}/2"
    with pytest.raises(LogFellBack):
        await sequencer.run_once()  # the old name is never signed again
    renamed = keys.signer(Path(settings.data) / "keys" / "ledger", await database.origin())
    fresh = Sequencer(sequencer.sessions, renamed, Anchor(Path(settings.data), renamed.verifier))
    assert await fresh.run_once() == 1
    async with database.begin(NOBODY) as tx:
        (entry,) = await ledger.entries(tx.session, 0, 9)
    assert '"type":"LogRenamed"' in entry.record and '"reason":"fire"' in entry.record


async def test_what_was_cosigned_under_an_earlier_name_is_not_offered_under_the_new_one(
    database: Database, client: httpx.AsyncClient, worker: Make, witness: WitnessProcess, key: SignerKey
) -> None:
    sequencer, company = worker(witness.witness)
    await record(database, "a")
    await sequencer.run_once()
    await company.round()
    assert (await client.get("/ledger/checkpoint/witnessed")).status_code == 200
    renamed = SignerKey(f"{key.verifier.name}/2", key.private.private_bytes_raw())
    await record(database, "b")
    await Sequencer(sequencer.sessions, renamed).run_once()
    assert (await client.get("/ledger/checkpoint/witnessed")).status_code == 404
    proof = (await client.get("/ledger/proof/0")).json()
    assert proof["checkpoint"].startswith(f"{renamed.verifier.name}\n")


async def command(environ: dict[str, str], *words: str) -> str:
    """What `procurement new-origin` says, run as a process would be: with an event loop of its own."""

    def run() -> str:
        return CliRunner(env=environ).invoke(new_origin, words).output

    return await to_thread.run_sync(run)


async def test_the_doctor_says_unwitnessed_lagging_or_who_cosigned(
    settings: Settings, database: Database, worker: Make, witness: WitnessProcess
) -> None:
    sequencer, company = worker(witness.witness)
    await record(database, "a")
    await sequencer.run_once()
    assert await doctor_says(settings) == [(State.ADVICE, "unwitnessed")]
    asked = settings_with(settings, witness.setting)
    assert (await doctor_says(asked))[0][0] is State.ADVICE
    await company.round()
    assert (await doctor_says(asked))[0][0] is State.OK
    assert (await doctor_says(settings_with(settings, "nonsense")))[0][0] is State.BROKEN


def settings_with(settings: Settings, setting: str) -> Settings:
    return msgspec.structs.replace(settings, ledger_witnesses=setting)


async def doctor_says(settings: Settings) -> list[tuple[State, str]]:
    found = [one for one in await examine(settings) if one.about == "witnesses"]
    return [(one.state, one.text.split(":")[0]) for one in found]


def test_the_setting_names_a_key_and_an_address_each() -> None:
    key = WitnessKey("w.example", bytes(32))
    both = witnesses.named(f"{key} https://one.example/\n{key} https://two.example")
    assert [one.url for one in both] == ["https://one.example", "https://two.example"]
    assert witnesses.named("") == []
    for wrong in (str(key), f"{key} https://a b", "x+y+z https://a.example"):
        with pytest.raises(BadNote):
            witnesses.named(wrong)
