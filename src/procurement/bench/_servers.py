"""The two sides of a bench of pages: the service, and bare handlers that answer with the same bytes."""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
import msgspec

from procurement.bench import CannotMeasure
from procurement.bench._bare import BODIES
from procurement.infra.services.supervisor import die_with_parent
from procurement.settings import Settings

PATIENCE = 180.0  # seconds until a practice republic is loaded on a slow machine


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[str]:
    """The address of the service that runs, else of a practice republic that lives as long as the bench."""
    if await _answers(settings.base_url):
        yield settings.base_url
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as data:
        argv = ("up", "--demo", "--port", str(port), "--data", data)
        address, unlimited = f"http://127.0.0.1:{port}", {"API_PER_MINUTE": "0", "PAGES_PER_MINUTE": "0"}
        async with _running("procurement", *argv, address=address, path="/health/ready", env=unlimited) as started:
            yield started


def web(settings: Settings) -> AbstractAsyncContextManager[str]:
    """The address of a web process of ours with these settings: for pages that ask only the database and search."""
    nowhere = str(Path(settings.data) / "nowhere")
    return web_as_it_is(msgspec.structs.replace(settings, redis_url=f"unix://{nowhere}", keyholder_socket=nowhere))


@asynccontextmanager
async def web_as_it_is(settings: Settings) -> AsyncIterator[str]:
    """The address of a web process with all of these settings, on a port of its own."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    env = msgspec.structs.replace(settings, port=port, base_url=address).environ()
    async with _running("procurement", "web", address=address, path="/health/live", env=env) as started:
        yield started


@asynccontextmanager
async def bare(bodies: Mapping[str, bytes]) -> AsyncIterator[str]:
    """The address of a server that holds each body under its name, such as "home.html"."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name, body in bodies.items():
            (Path(folder) / name).write_bytes(body)
        there = {BODIES: folder}
        address, path = f"http://127.0.0.1:{port}", f"/{next(iter(bodies))}"
        async with _running("procurement.bench._bare", str(port), address=address, path=path, env=there) as started:
            yield started


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


@asynccontextmanager
async def _running(
    module: str, *argv: str, address: str, path: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    """A module of ours as a process of its own, until the end."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *argv, env={**os.environ, **(env or {})}, stdout=quiet, stderr=quiet,
        preexec_fn=partial(die_with_parent, os.getpid()),
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _answers(address + path):  # another process can set no event of ours
                if process.returncode is not None:
                    raise CannotMeasure(f"`{module} {' '.join(argv)}` ended with {process.returncode}.")
                await asyncio.sleep(0.1)
        yield address
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            return (await client.get(url)).status_code < 500
    except httpx.HTTPError:
        return False
