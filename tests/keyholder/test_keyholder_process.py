"""The keyholder as a process: its socket, its store, its manners."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from keyholding import OPENING, OPENS_AT, ORIGIN, Ledger

from procurement.infra.keyholder import Keyholder
from procurement.kernel.refusal import Refused
from procurement.keyholder import totp

pytestmark = pytest.mark.anyio


class Process:
    """`procurement.keyholder` with nothing in its environment but its own settings."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder.parent / "k.sock"
        self.start()

    def start(self) -> None:
        settings = {"KEYHOLDER_SOCKET": str(self.socket), "KEYHOLDER_STORE": str(self.folder), "KEYHOLDER_SANDBOX": "1"}
        self.socket.unlink(missing_ok=True)
        self.child = subprocess.Popen([sys.executable, "-m", "procurement.keyholder"], env=settings)

    async def client(self) -> Keyholder:
        keyholder = Keyholder(self.socket)
        async with asyncio.timeout(20):
            while True:
                with suppress(Refused):
                    await keyholder.clocks()
                    return keyholder
                await asyncio.sleep(0.02)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path / "store")
    yield running
    running.child.terminate()
    assert running.child.wait(10) in (0, -signal.SIGKILL)


async def line(socket: Path, question: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(question)
    answer = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return answer


async def test_socket_and_store_are_its_owners_alone(process: Process) -> None:
    await process.client()
    modes = {path: stat.S_IMODE(os.stat(path).st_mode) for path in (process.socket, process.folder)}
    assert modes == {process.socket: 0o600, process.folder: 0o700}
    assert {stat.S_IMODE(file.stat().st_mode) for file in process.folder.iterdir()} == {0o600}


async def test_what_was_answered_survives_kill_9(process: Process) -> None:
    keyholder = await process.client()
    await keyholder.pin(str(Ledger().key.verifier), ORIGIN)
    secret = (await keyholder.enrol("marsh")).secret
    bound = await keyholder.identity(OPENING, OPENS_AT)
    process.child.kill()
    process.child.wait()
    process.start()
    keyholder = await process.client()
    now = (await keyholder.clocks()).real.timestamp()
    assert (await keyholder.confirm("marsh", totp.code_at(secret, totp.step_at(now)))).state == "ready"
    assert await keyholder.identity(OPENING, OPENS_AT) == bound
    assert (await keyholder.enrolment("marsh")).secret == ""


async def test_a_refusal_arrives_as_it_was_raised(process: Process) -> None:
    keyholder = await process.client()
    with pytest.raises(Refused) as no:
        await keyholder.postpone(OPENING, OPENS_AT + timedelta(days=1))
    assert (no.value.code, no.value.status) == ("opening-unknown", 404)


@pytest.mark.parametrize(
    "question",
    [b"\n", b"[]\n", b'{"do":"destroy"}\n', b'{"do":"time","extra":1}\n', b'{"do":"enrol","person":""}\n',
     b'{"do":"confirm","person":"x","code":"12345a"}\n', b"\xff\xfe\n",
     b'{"do":"identity","opening":{"tender":"t"},"not_before":"2026-11-30T21:00:00"}\n'],
)  # fmt: skip
async def test_what_is_no_request_gets_one_clear_refusal(process: Process, question: bytes) -> None:
    await process.client()
    answer = msgspec.json.decode(await line(process.socket, question))
    assert answer["refused"]["code"] == "request-malformed"


async def test_a_line_without_end_is_cut_off_and_others_are_still_served(process: Process) -> None:
    keyholder = await process.client()
    reader, writer = await asyncio.open_unix_connection(process.socket)
    with pytest.raises(ConnectionError):
        for _ in range(10):
            writer.write(b"x" * (1 << 20))
            await writer.drain()
        assert await reader.read() == b""
        raise ConnectionResetError
    writer.close()
    assert (await keyholder.clocks()).sandbox


async def test_the_health_probe_is_answered(process: Process) -> None:
    await process.client()
    assert await line(process.socket, b"hello\n") == b"keyholder: hello\n"


async def test_a_keyholder_that_is_down_is_said_to_be_down(tmp_path: Path) -> None:
    with pytest.raises(Refused) as no:
        await Keyholder(tmp_path / "nowhere").clocks()
    assert (no.value.code, no.value.status) == ("unavailable", 503)


async def test_a_keyholder_that_hangs_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf"))
        deaf.listen()
        with pytest.raises(Refused) as no:
            await Keyholder(tmp_path / "deaf", patience=0.2).clocks()
    assert no.value.code == "unavailable"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "Set KEYHOLDER_STORE"),
        ({"KEYHOLDER_STORE": "{}/store"}, "Set KEYHOLDER_SOCKET"),
        ({"KEYHOLDER_STORE": "{}/store", "KEYHOLDER_SOCKET": "{}/none/k.sock"}, "make its folder"),
    ],
)
def test_half_configured_it_says_what_to_set(tmp_path: Path, given: dict[str, str], told: str) -> None:
    env = {name: value.format(tmp_path) for name, value in given.items()}
    argv = [sys.executable, "-m", "procurement.keyholder"]
    said = subprocess.run(argv, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert said.returncode == 1 and told in said.stderr and "Traceback" not in said.stderr, said.stderr
    assert not (tmp_path / "var").exists(), "no store where it happens to stand"
