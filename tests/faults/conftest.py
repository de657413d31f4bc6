"""The scene of the attacks: a witnessed service held still, an insider, and a reader who kept what is public."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from attacker import Attacker
from click.testing import CliRunner
from reading import Reader
from republic import address, log_key, republic
from whole_service import Up, eventually
from witness_process import WitnessProcess

from procurement.cli import main


@pytest.fixture(scope="package")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WitnessProcess]:
    """Somebody else's server, which has seen the log before the attacks."""
    with WitnessProcess(tmp_path_factory.mktemp("witness"), log_key(tmp_path_factory)) as process:
        yield process


@pytest.fixture(scope="package")
def up(tmp_path_factory: pytest.TempPathFactory, witness: WitnessProcess) -> Iterator[Up]:
    """The service with its worker held still once it is witnessed, so that nothing but the attacker writes."""
    with republic(tmp_path_factory, LEDGER_WITNESSES=witness.setting) as up:
        eventually(lambda: up.get("/ledger/checkpoint/witnessed").text == up.get("/ledger/checkpoint").text, 30)
        worker = min(pid for pid, command in up.family().items() if "procurement worker" in command)
        os.kill(worker, signal.SIGSTOP)
        yield up
        os.kill(worker, signal.SIGCONT)


@pytest.fixture(scope="module")
async def insider(up: Up) -> AsyncIterator[Attacker]:
    attacker = await Attacker.enter(up)
    yield attacker
    await attacker.sql.close()


@pytest.fixture
async def attacker(insider: Attacker) -> AsyncIterator[Attacker]:
    async with insider.undone_at_the_end():
        yield insider


@pytest.fixture(scope="package")
def kept(up: Up, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The public key and a checkpoint, as a reader kept them before the attacks; beside it, what a monitor kept."""
    file = tmp_path_factory.mktemp("reader") / "checkpoint"
    file.write_text(up.get("/ledger/checkpoint").text)
    key = up.get("/ledger/keys").json()["checkpoints"]
    done = CliRunner().invoke(main, ["monitor", address(up), "--key", key, "--state", str(file.with_name("monitor"))])
    assert done.exit_code == 0 and done.output.startswith("ok "), done.output
    return key, file


@pytest.fixture
def reader(up: Up, witness: WitnessProcess, kept: tuple[str, Path]) -> Reader:
    return Reader(address(up), witness, *kept)
