"""The malware scanner beside the service: ClamAV's daemon, which gets bytes and answers with a word.

clamd runs as its own user and sees no folder of ours: each file is streamed to it (INSTREAM). What it says is taken for
no more than a word: a scanner that is wrong, slow or gone refuses nothing and stops nothing. So little is needed of its
protocol that this is our own; the clients on PyPI are not kept any more.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

from procurement.kernel.scan import Scan, Verdict
from procurement.settings import Settings

CONNECT = 5.0  # seconds
PATIENCE = 30.0  # seconds for an answer, and one more for each SLOWEST bytes
SLOWEST = 2 << 20
LARGEST = 2 << 30  # bytes; clamd looks into no larger file
LONGEST_NAME = 200  # characters of what it found
LONGEST_ANSWER = 4096  # bytes
PORT = 3310
LENGTH = struct.Struct(">I")


class NotAnswering(Exception):
    """The scanner is not there, took too long, or said something else than clamd does."""


class Scanner:
    """clamd at `address`: unix:///path or tcp://host:port. At any other, nobody answers."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def version(self) -> str:
        """What answers there: “ClamAV 1.4.2/27500/Sun Nov 22 …”. Raises NotAnswering."""
        return await self._ask(b"zVERSION\0", None, CONNECT)

    async def scan(self, size: int, chunks: AsyncIterator[bytes]) -> Scan:
        """The verdict on a file of that many bytes; that the scanner fails is one too. Refused as `chunks` refuses."""
        if size > LARGEST:
            return Scan(Verdict.TOO_LARGE)
        try:
            return verdict(await self._ask(b"zINSTREAM\0", chunks, PATIENCE + size / SLOWEST))
        except NotAnswering:
            return Scan(Verdict.UNANSWERED)

    async def _ask(self, command: bytes, chunks: AsyncIterator[bytes] | None, seconds: float) -> str:
        try:
            async with asyncio.timeout(CONNECT):
                reader, writer = await self._connect()
        except (OSError, TimeoutError, ValueError) as wrong:
            raise NotAnswering(str(wrong) or "no answer") from wrong
        answer = asyncio.create_task(reader.readuntil(b"\0"))
        try:
            async with asyncio.timeout(seconds):
                await _tell(writer, command, chunks, answer)
                return (await answer)[:-1].decode(errors="replace")
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as wrong:
            raise NotAnswering(str(wrong) or "no answer in time") from wrong
        finally:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        url = urlsplit(self.address)
        if url.scheme == "unix" and url.path:
            return await asyncio.open_unix_connection(url.path, limit=LONGEST_ANSWER)
        if url.scheme == "tcp" and url.hostname:
            return await asyncio.open_connection(url.hostname, url.port or PORT, limit=LONGEST_ANSWER)
        raise ValueError("CLAMAV_URL is neither unix:///path nor tcp://host:port")


def ours(settings: Settings) -> Scanner | None:
    """The one that CLAMAV_URL names, if any."""
    return Scanner(settings.clamav_url) if settings.clamav_url else None


def verdict(answer: str) -> Scan:
    """What clamd's answer to INSTREAM means. Raises NotAnswering for what it never says of a file."""
    if answer == "stream: OK":
        return Scan(Verdict.CLEAN)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        name = "".join(char for char in answer[len("stream: ") : -len(" FOUND")] if char.isprintable())
        return Scan(Verdict.FOUND, name[:LONGEST_NAME] or "malware without a name")
    if answer.startswith("INSTREAM size limit exceeded"):
        return Scan(Verdict.TOO_LARGE)
    raise NotAnswering(answer)


async def _tell(
    writer: asyncio.StreamWriter,
    command: bytes,
    chunks: AsyncIterator[bytes] | None,
    answer: "asyncio.Task[bytes]",
) -> None:
    """Send the command and the chunks; stop when it has answered, as it does when a stream is too long for it."""
    with suppress(ConnectionError):  # it stopped listening: what it said before that counts
        writer.write(command)
        if chunks is not None:
            async for chunk in chunks:
                if answer.done():
                    return
                if chunk:  # a length of zero ends the stream
                    writer.write(LENGTH.pack(len(chunk)) + chunk)
                    await writer.drain()
            writer.write(LENGTH.pack(0))
        await writer.drain()
