"""One `procurement up` for tests: started, watched, interrupted, and its whole family found."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx

# Many programs and readers here are one peer; no entries come by chance.
ALONE = {"API_PER_MINUTE": "0", "PAGES_PER_MINUTE": "0", "LEDGER_COVER": "0"}
GONE = 10.0  # seconds by which a busy machine has ended the last of those that were told to, or whose parent died
COMMAND = (sys.executable, "-m", "procurement")


class Up:
    """It runs on a data folder of its own from `start` to `end`; `words` keeps what it said until it was ready."""

    def __init__(self, data: Path, *options: str, command: tuple[str | Path, ...] = COMMAND) -> None:
        self.data, self.options, self.command, self.port = data, options, command, free_port()
        self.words: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """However the test went, nothing of it goes on."""
        self.end()
        eventually(lambda: not self.family(), GONE)

    def start(self) -> None:
        argv = [*self.command, "up", *self.options, "--data", self.data, "--port", str(self.port)]
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.data.parent,
            env={**ALONE, **os.environ},
        )  # fmt: skip

    def until_ready(self) -> None:
        assert self.process and self.process.stdout
        self.words = []
        for line in self.process.stdout:
            self.words.append(line)
            if line.startswith("ready "):
                return
        raise AssertionError(f"it never got ready:\n{''.join(self.words)}")

    def run(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same data folder, to its end."""
        env = {**os.environ, "DATA": str(self.data), "PORT": str(self.port), **environ}
        return subprocess.run([*self.command, *words], capture_output=True, text=True, env=env, timeout=60)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}")

    def is_ready(self) -> bool:
        with suppress(httpx.HTTPError):
            return self.get("/health/ready").status_code == 200
        return False

    def family(self) -> dict[int, str]:
        """Every living process that holds this folder's lock or mentions the folder, but not this test."""
        return {pid: command for pid, command in _processes_of(self.data) if pid != os.getpid()}

    def end(self, how: signal.Signals = signal.SIGTERM) -> float:
        """End it, if it runs; returns the seconds that took."""
        assert self.process and self.process.stdout
        began = time.monotonic()
        self.process.send_signal(how)
        if not self.process.stdout.closed:
            self.process.communicate(timeout=20)
        return time.monotonic() - began


def eventually(holds: Callable[[], bool], within: float) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


def _processes_of(data: Path) -> Iterator[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_text(errors="replace").replace("\0", " ")
            mentions = str(data) in command + (process / "environ").read_text(errors="replace")
            if command and (mentions or any(str(data) in os.readlink(fd) for fd in (process / "fd").iterdir())):
                yield int(process.name), command
