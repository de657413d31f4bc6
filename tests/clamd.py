"""A small server that speaks clamd's protocol, and the real one where there is one."""

import asyncio
import shutil
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from procurement.infra.scanner import NotAnswering, Scanner

EICAR = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!$H+H*"))
"""Put together here, so that no scanner takes this file, or the compiled one, for malware."""
NAME = "Eicar-Test-Signature"
LENGTH = struct.Struct(">I")
Judge = Callable[[bytes], bytes]


def eicar(stream: bytes) -> bytes:
    return f"stream: {NAME} FOUND".encode() if EICAR in stream else b"stream: OK"


class Clamd:
    """What it was sent stands in `seen`. `limit` is its StreamMaxLength; with `deaf` it never answers."""

    def __init__(self, judge: Judge = eicar, limit: int = 25 << 20, deaf: bool = False) -> None:
        self.judge, self.limit, self.deaf = judge, limit, deaf
        self.seen: list[bytes] = []
        self.address = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            command = await reader.readuntil(b"\0")
            if self.deaf:
                await reader.read()
            elif command == b"zVERSION\0":
                writer.write(b"ClamAV 1.4.2/27500/Sun Nov 22 09:26:00 2026\0")
            elif command == b"zINSTREAM\0":
                writer.write(await self._stream(reader) + b"\0")
            else:
                writer.write(b"UNKNOWN COMMAND\0")
            await writer.drain()
        writer.close()

    async def _stream(self, reader: asyncio.StreamReader) -> bytes:
        stream = b""
        while size := LENGTH.unpack(await reader.readexactly(4))[0]:
            if len(stream) + size > self.limit:
                return b"INSTREAM size limit exceeded. ERROR"
            stream += await reader.readexactly(size)
        self.seen.append(stream)
        return self.judge(stream)


@asynccontextmanager
async def listening(clamd: Clamd, path: Path | None = None) -> AsyncIterator[Clamd]:
    """On a unix socket at `path`, or on a free port."""
    if path:
        server, clamd.address = await asyncio.start_unix_server(clamd.answer, path), f"unix://{path}"
    else:
        server = await asyncio.start_server(clamd.answer, "127.0.0.1", 0)
        clamd.address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield clamd
    finally:
        server.close()


def nobody() -> str:
    """An address where nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{one.getsockname()[1]}"


@asynccontextmanager
async def real(folder: Path) -> AsyncIterator[Scanner]:
    """clamd itself, with one signature of our own: that of the EICAR test file."""
    (folder / "eicar.ndb").write_text(f"{NAME}:0:0:{EICAR.hex()}\n")
    conf, path = folder / "clamd.conf", folder / "clamd.sock"
    conf.write_text(f"DatabaseDirectory {folder}\nLocalSocket {path}\nForeground yes\nTemporaryDirectory {folder}\n")
    program = shutil.which("clamd")
    assert program
    running = await asyncio.create_subprocess_exec(
        program, "--config-file", conf, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        scanner = Scanner(f"unix://{path}")
        for _ in range(100):
            with suppress(NotAnswering):
                await scanner.version()
                break
            await asyncio.sleep(0.1)
        yield scanner
    finally:
        running.terminate()
        await running.wait()
