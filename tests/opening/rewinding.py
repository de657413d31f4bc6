"""A keyholder of a test's own, whose disk can be put back or exchanged."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from opening_day import Day

from procurement.keyholder import main
from procurement.keyholder.backup import STORE
from procurement.opening import jobs


class Machine:
    """A keyholder whose whole store can be put back, as a snapshot of a disk would: nothing tells it."""

    def __init__(self, folder: Path) -> None:
        self.store, self.socket = folder / "store", folder / "socket"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings = {"KEYHOLDER_SOCKET": str(self.socket), "KEYHOLDER_STORE": str(self.store), "KEYHOLDER_SANDBOX": "1"}
        self.child = subprocess.Popen([sys.executable, "-m", "procurement.keyholder"], env=settings)
        for _ in range(1000):
            if self.socket.exists():
                return
            time.sleep(0.02)
        raise TimeoutError("the keyholder does not start")

    def stop(self) -> None:
        if self.child:
            self.child.kill()
            self.child.wait()
        self.socket.unlink(missing_ok=True)

    def snapshot(self) -> bytes:
        return (self.store / STORE).read_bytes()

    def put_back(self, snapshot: bytes) -> None:
        self.stop()
        (self.store / STORE).write_bytes(snapshot)
        self.start()


async def remember(day: Day) -> None:
    await jobs.watch_keyholder(day.database, day.keyholder)


def confirm(machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """The keyholder's staff reads the times and confirms them, at its own terminal; what was read."""
    monkeypatch.setenv("KEYHOLDER_STORE", str(machine.store))
    monkeypatch.setenv("KEYHOLDER_SANDBOX", "1")
    main(["--restored"])
    shown = capsys.readouterr().out
    main(["--restored", shown.split()[-1]])
    return shown
