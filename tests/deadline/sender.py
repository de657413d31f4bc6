"""Where there is no wrk: `python sender.py HOST PORT CONNECTIONS FOLDER` sends a plan (sending.py) as send.lua does."""

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
NAME = re.compile(rb"\r\nx-request-id: *(\S+)\r\n", re.IGNORECASE)
PATIENCE = 240.0  # seconds after the last request


class Line(asyncio.Protocol):
    """One connection: a request, its answer, and the next."""

    def __init__(self, everything: "Sender") -> None:
        self.everything, self.got, self.whole = everything, bytearray(), -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.everything.free.put_nowait(self)

    def send(self, request: bytes) -> None:
        self.got, self.whole = bytearray(), -1
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.got += data
        if self.whole < 0 and (end := self.got.find(b"\r\n\r\n")) >= 0:
            found = LENGTH.search(self.got, 0, end + 2)
            self.whole = end + 4 + (int(found[1]) if found else 0)
        if 0 <= self.whole <= len(self.got):
            self.everything.answered(bytes(self.got))
            self.everything.free.put_nowait(self)


class Sender:
    """`free` are the connections that wait for a request."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.free = folder, asyncio.Queue[Line]()
        self.sent: dict[str, float] = {}
        self.told = (folder / "answers").open("w", buffering=1)

    def plan(self) -> Iterator[tuple[float, str, bytes]]:
        with (self.folder / "requests").open("rb") as requests:
            for line in (self.folder / "plan").read_text().splitlines():
                due, length, name = line.split(" ")
                yield float(due), name, requests.read(int(length))

    async def run(self, host: str, port: int, connections: int) -> None:
        planned = list(self.plan())
        for _ in range(connections):
            await asyncio.get_running_loop().create_connection(lambda: Line(self), host, port)
        for due, name, request in planned:
            await asyncio.sleep(due - time.time())
            line = await self.free.get()
            self.sent[name] = time.time()
            line.send(request)
        await asyncio.sleep(PATIENCE)  # whoever waits for the answers ends this process as soon as they are there

    def answered(self, answer: bytes) -> None:
        head, body = answer.split(b"\r\n\r\n", 1)
        found = NAME.search(head + b"\r\n")
        name, status = found[1].decode() if found else "?", int(head.split(b" ", 2)[1])
        self.told.write(f"{name} {self.sent[name]:.6f} {time.time():.6f} {status} {body.decode()}\n")


if __name__ == "__main__":
    host, port, connections, folder = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        asyncio.run(Sender(Path(folder)).run(host, int(port), int(connections)))
