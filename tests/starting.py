"""How the services start that tests stand on."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from procurement.infra import schema
from procurement.infra.services.embedded import Postgres
from procurement.infra.services.supervisor import Child, die_with_parent

SERVER = "TEST_SERVER"  # xdist's workers inherit it
TEMPLATE = "procurement"


def start_server(config: pytest.Config) -> None:
    """One PostgreSQL with the migrated database, until the run ends."""
    memory = Path("/dev/shm")  # copying a database takes 10 ms there, 50 ms and more on a disk
    folder = tempfile.TemporaryDirectory(prefix="procurement-", dir=memory if memory.exists() else None)
    argv = [sys.executable, "-m", "procurement", "database", "--data", folder.name]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, preexec_fn=partial(die_with_parent, os.getpid()))
    assert process.stdout
    while not (line := process.stdout.readline()).startswith(b"ready "):
        assert line, "the test database did not start"
    os.environ[SERVER] = folder.name

    def stop() -> None:
        process.send_signal(signal.SIGTERM)
        process.communicate()
        folder.cleanup()
        del os.environ[SERVER]

    config.add_cleanup(stop)
    schema.upgrade(server().url("owner", TEMPLATE), sandbox=True)


def server() -> Postgres:
    data = Path(os.environ[SERVER])
    return Postgres(data, data / "run")


@contextmanager
def running(child: Child, socket_path: Path, question: bytes) -> Iterator[None]:
    """One service of its own, from its first answer until the end."""
    preexec = partial(die_with_parent, os.getpid())
    process = subprocess.Popen(child.argv, env=child.env, stdout=subprocess.DEVNULL, preexec_fn=preexec)
    deadline = time.monotonic() + 60
    while not answers(socket_path, question):
        assert process.poll() is None, f"{child.name} ended with {process.returncode}"
        assert time.monotonic() < deadline, f"{child.name} did not get ready"
        time.sleep(0.02)
    yield
    process.terminate()
    process.wait()


def answers(path: Path, question: bytes) -> bool:
    with socket.socket(socket.AF_UNIX) as asking, suppress(OSError):
        asking.settimeout(1)
        asking.connect(str(path))
        asking.sendall(question)
        return asking.recv(100) != b""
    return False
