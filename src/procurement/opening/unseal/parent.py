"""The parent: feeds the child, and puts what comes out into the opened store. It never looks inside."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import msgspec

from procurement.infra.files import Files, Stored
from procurement.kernel.refusal import Refused
from procurement.opening.unseal.confine import Confinement
from procurement.opening.unseal.frames import FRAMES, HEAD, LONGEST, Contents, Job, No, Ready
from procurement.settings import Settings

log = logging.getLogger(__name__)

CHILD = ("-I", "-m", "procurement.opening.unseal.child")  # for Python, which takes nothing from its surroundings
SECONDS = 120  # for the whole bid, and two more for each part
ENDING = 5  # seconds in which a child that closed its pipes has ended
FROM_OUTSIDE = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGTERM})
LARGEST = 1 << 40  # bytes of a document; the manifest's own limit

Sealed = Callable[[str], AsyncIterator[bytes]]  # the bytes of a sealed part, by its SHA-256


class ChildDied(Exception):
    """The child ended without a word, or broke, over what it was given: out of memory or processor time, or worse."""


class Frames:
    """The child's answers, one after the other."""

    def __init__(self, out: asyncio.StreamReader) -> None:
        self._out = out
        self._next: tuple[bytes, bytes] | None = None

    async def next(self) -> tuple[bytes, bytes]:
        """(kind, content). Refused for an R frame, ChildDied at the end of the stream."""
        if self._next:
            frame, self._next = self._next, None
            return frame
        try:
            kind, length = HEAD.unpack(await self._out.readexactly(HEAD.size))
            if length > LONGEST:
                raise ChildDied("a frame is too long")
            content = await self._out.readexactly(length)
        except asyncio.IncompleteReadError:
            raise ChildDied("the stream ended") from None
        if kind == b"R":
            no = msgspec.json.decode(content, type=No)
            raise Refused(no.code, no.detail, status=422)
        return kind, content

    async def confinement(self) -> Confinement:
        """The first frame of every child, before it is given anything. Refused("unavailable", 503) without it, as when
        the child is of another release than this process, which began before the files were replaced."""
        try:
            kind, content = await self.next()
            ready = msgspec.json.decode(content, type=Ready)
        except (ChildDied, msgspec.MsgspecError):
            raise _hindered() from None
        if kind != b"C" or ready.frames != FRAMES:
            raise _hindered()
        return ready.confinement

    async def data(self) -> AsyncIterator[bytes]:
        """The bytes of one file."""
        while True:
            kind, content = frame = await self.next()
            if kind != b"D":
                self._next = frame
                return
            yield content


async def unseal(job: Job, sealed: Sealed, files: Files) -> tuple[Contents, list[Stored]]:
    """Open one bid: its prices and the names of its documents, which are stored when this returns, in that order.

    Refused with the reason when the bid itself is wrong, ("unconfined", 503) where the child has to be confined and is
    not, ("unavailable", 503) when this machine started no child, ended it, or was too slow for it: its processor time
    is limited apart. ChildDied when the bid broke it; whatever `sealed` raises when a part cannot be read.
    """
    async with _started(len(job.blobs)) as child:
        assert child.stdout
        frames = Frames(child.stdout)
        try:
            async with asyncio.timeout(SECONDS + 2 * len(job.blobs)):
                _must_be_confined(await frames.confinement())
                return await _fed(child, frames, job, sealed, files)
        except TimeoutError:
            raise _hindered() from None
        except ChildDied:
            if await _was_ended(child):
                raise _hindered() from None
            raise


async def _fed(
    child: asyncio.subprocess.Process, frames: Frames, job: Job, sealed: Sealed, files: Files
) -> tuple[Contents, list[Stored]]:
    feeding = asyncio.create_task(_feed(child, job, sealed))
    try:
        return await _collect(frames, files)
    except (ChildDied, Refused):
        if feeding.done() and (fault := feeding.exception()):
            raise fault from None  # a part that we could not read is our fault, not the bid's
        raise
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)


async def confinement() -> Confinement:
    """How a child that is started here is confined. Refused("unavailable", 503) when it ends without a word."""
    async with _started(0) as child:
        assert child.stdout
        return await Frames(child.stdout).confinement()


async def _was_ended(child: asyncio.subprocess.Process) -> bool:
    """Whether somebody ended it: the kernel for want of memory, whoever stops this service. No bid can do that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ENDING):
            await child.wait()
    return child.returncode is not None and -child.returncode in FROM_OUTSIDE


def _hindered() -> Refused:
    detail = "This machine did not start the process that decrypts bids, ended it, or is too slow. It is tried again."
    return Refused("unavailable", detail, status=503)


@asynccontextmanager
async def _started(parts: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A child for a bid of so many parts, ended at the latest with this."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, *CHILD, str(parts), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env={}, cwd="/", limit=1 << 20,
    )  # fmt: skip
    try:
        yield child
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)  # `child.kill` would take its end from whoever waits for it
        await child.communicate()


def _must_be_confined(held: Confinement) -> None:
    """No key is given to a child that is not, where the operator asks for that; elsewhere it is logged."""
    if held.calls:
        return
    if Settings.read().unseal_confined == "required":
        raise Refused("unconfined", "This machine cannot confine the process that decrypts bids.", status=503)
    log.warning("bids are decrypted in a process that is not confined: ask procurement doctor")


async def _feed(child: asyncio.subprocess.Process, job: Job, sealed: Sealed) -> None:
    """A child that refuses early no longer listens: that is no fault."""
    assert child.stdin
    try:
        child.stdin.write(msgspec.json.encode(job) + b"\n")
        for blob in job.blobs:
            async for chunk in sealed(blob.sha256):
                if child.stdin.is_closing():
                    return
                child.stdin.write(chunk)
                await child.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass
    finally:
        child.stdin.close()


async def _collect(frames: Frames, files: Files) -> tuple[Contents, list[Stored]]:
    stored = list[Stored]()
    while True:
        kind, content = await frames.next()
        if kind == b"E":
            return msgspec.json.decode(content, type=Contents), stored
        if kind != b"F":
            raise ChildDied("a frame is out of place")
        stored.append(await files.put_stream("opened", frames.data(), limit=LARGEST))
