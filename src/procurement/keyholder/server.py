"""One line in, one line out, over a unix socket that only its owner can reach."""

import asyncio
import logging
import os
import signal
from pathlib import Path

import msgspec

from procurement.kernel.refusal import Refused
from procurement.keyholder.protocol import LINE_LIMIT, Refusal, Requests
from procurement.keyholder.service import Keyholder

IDLE = 60.0  # seconds a connection may wait for its next line

log = logging.getLogger(__name__)


def answer_line(keyholder: Keyholder, line: bytes) -> bytes:
    """The answer to one line: {"ok": …} or {"refused": {code, detail, status}}. `hello` is the health probe."""
    if line.strip() == b"hello":
        return b"keyholder: hello\n"
    try:
        answer: dict[str, msgspec.Struct] = {"ok": keyholder.answer(msgspec.json.decode(line, type=Requests))}
    except (msgspec.MsgspecError, UnicodeError):
        # What is wrong is not repeated: a line may hold a code.
        answer = {"refused": Refusal("request-malformed", "There is no such request.", 422)}
    except Refused as no:
        answer = {"refused": Refusal(no.code, no.detail, no.status)}
    except Exception:
        log.exception("a request failed")
        answer = {"refused": Refusal("unavailable", "The keyholder failed at this request.", 503)}
    return msgspec.json.encode(answer) + b"\n"


async def serve(keyholder: Keyholder, socket: Path, *, shared: bool = False) -> None:
    """Answer until SIGTERM or SIGINT. `shared`: users of this process's group may ask, too."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await asyncio.wait_for(reader.readline(), IDLE):
                writer.write(answer_line(keyholder, line))
                await writer.drain()
        except (OSError, ValueError, TimeoutError):
            pass  # gone, silent, or a line beyond the limit: the connection ends
        finally:
            writer.close()

    os.umask(0o177)  # the socket is 0600 from its first moment
    server, stop = await asyncio.start_unix_server(talk, socket, limit=LINE_LIMIT), asyncio.Event()
    if shared:
        socket.chmod(0o660)  # noqa: ASYNC240  # once, before anybody is served
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    async with server:
        await stop.wait()
