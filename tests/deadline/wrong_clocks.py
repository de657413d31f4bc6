"""A real keyholder whose clock a test may put wrong: `python wrong_clocks.py FOLDER` serves it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from procurement.infra.services.embedded import answer
from procurement.infra.services.supervisor import die_with_parent
from procurement.keyholder.server import serve
from procurement.keyholder.service import Keyholder, wall_clock
from procurement.keyholder.store import Store


class Hands:
    """The hands of its clock: `seconds` by which it is wrong stand in a file, which it reads whenever it looks."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket, self.store, self.file = folder, folder / "socket", folder / "store", folder / "wrong"
        if not self.file.exists():
            self.set(0)

    def set(self, seconds: float) -> None:
        new = self.folder / "new"
        new.write_text(str(seconds))
        new.rename(self.file)

    def read(self) -> datetime:
        return wall_clock() + timedelta(seconds=float(self.file.read_text()))


@contextmanager
def keyholder(hands: Hands) -> Iterator[None]:
    """It runs until the end, ready from the beginning."""
    argv = [sys.executable, __file__, str(hands.folder)]
    process = subprocess.Popen(argv, preexec_fn=partial(die_with_parent, os.getpid()))
    try:
        asyncio.run(asyncio.wait_for(_ready(hands.socket), 20))
        yield
    finally:
        process.terminate()
        process.wait(10)


async def _ready(socket: Path) -> None:
    while not await answer(socket, b"hello\n"):  # noqa: ASYNC110  # another process can set no event of ours
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    hands = Hands(Path(sys.argv[1]))
    asyncio.run(serve(Keyholder(Store(hands.store, sandbox=True), hands.read), hands.socket))
