"""What the children say: to the terminal, and to a log each that never grows without end."""

import asyncio
import os
import select
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO, Self

LONGEST_LINE = 64 * 1024  # bytes; a longer one goes on in the next
FULL = 8 * 1024 * 1024  # bytes in a log before it makes room
KEPT = 3  # full logs kept: NAME.log.1 is the newest
LONGEST_SAYING = 1000  # characters on the terminal: a pipe that takes anything takes them at once (PIPE_BUF)


class Log:
    """A file to append lines to. When it is full it becomes NAME.log.1, and the oldest goes."""

    def __init__(self, path: Path, full: int = FULL) -> None:
        self.path, self.full = path, full
        self.file: BinaryIO
        self._open()

    def _open(self) -> None:
        self.file = self.path.open("ab", buffering=0)
        self.size = self.path.stat().st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, line: bytes) -> None:
        """Append a line; on a full disk it is lost, and nobody waits."""
        with suppress(OSError):
            if self.size and self.size + len(line) > self.full:
                self._make_room()
            self.file.write(line)
            self.size += len(line)

    def _make_room(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._kept(number).rename(self._kept(number + 1))
        self.path.rename(self._kept(1))
        self.file.close()
        self._open()

    def _kept(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


async def lines(pipe: int) -> AsyncIterator[bytes]:
    """The lines that arrive on a pipe until its end, each with its newline, cut where they are too long."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    loop, file = asyncio.get_running_loop(), os.fdopen(pipe, "rb")
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    begun = b""
    try:
        while some := await reader.read(LONGEST_LINE):
            *whole, begun = (begun + some).split(b"\n")
            for line in whole:
                yield line + b"\n"
            if len(begun) >= LONGEST_LINE:
                yield begun + b"\n"
                begun = b""
        if begun:
            yield begun + b"\n"
    finally:
        transport.close()


def last_words(path: Path) -> str:
    """The last line of a log, for a person who asks why."""
    last = ""
    if path.exists():
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - LONGEST_LINE))
            spoken = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
            last = spoken[-1] if spoken else ""
    return f"{last or 'it said nothing'} ({path})"


def say(name: str, text: str) -> None:
    """A line for the terminal. One that nobody reads (Ctrl-S, a stalled pipe) is passed over: nobody waits for it."""
    with suppress(OSError):  # the terminal may be gone
        if _takes_a_line():
            print(f"{name:>10} | {text[:LONGEST_SAYING]}", flush=True)


def _takes_a_line() -> bool:
    try:
        terminal = sys.stdout.fileno()
    except UnsupportedOperation:
        return True  # it is kept in memory
    return bool(select.select([], [terminal], [], 0)[1])
