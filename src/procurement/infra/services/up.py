"""`procurement up`: the whole service on one machine, as one foreground process."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from procurement.infra.services.embedded import Postgres, answer, valkey
from procurement.settings import Settings
from procurement.infra.services.supervisor import Child, Failed, Supervisor, say

LONGEST_SOCKET = 100  # the kernel takes 107 bytes


async def up(settings: Settings, *, demo: bool) -> None:
    began = time.monotonic()
    async with Supervisor(Path(settings.data)) as house:
        _port_is_free(settings)
        settings = await _foundations(house, settings)
        await house.run(Child("migrate", _procurement("migrate", *["--sandbox"] * demo), env=settings.environ()))
        await house.start(
            Child("worker", _procurement("worker"), env=settings.environ()),
            Child("web", _procurement("web"), ready=lambda: _is_ready(settings), env=settings.environ()),
        )
        say("up", f"everything after {time.monotonic() - began:.2f} s; Ctrl-C stops it")
        print(f"ready http://{settings.host}:{settings.port}", flush=True)
        await asyncio.Event().wait()


async def database(settings: Settings) -> None:
    """PostgreSQL alone, and careless: for tests."""
    async with Supervisor(Path(settings.data)) as house:
        postgres = Postgres(
            house.folder, _sockets(house), "fsync=off", "full_page_writes=off", "synchronous_commit=off"
        )
        await postgres.prepare(house)
        await house.start(postgres.child())
        print(f"ready {postgres.sockets}", flush=True)
        await asyncio.Event().wait()


async def _foundations(house: Supervisor, settings: Settings) -> Settings:
    """What the service stands on: started here unless the settings say where it is."""
    data, sockets = house.folder, _sockets(house)
    children: list[Child] = []
    found: dict[str, str] = {}
    if not settings.database_url:
        postgres = Postgres(data, sockets)
        await postgres.prepare(house)
        children.append(postgres.child())
        found |= {"database_url": postgres.url("app")}
        found |= {f"{role}_database_url": postgres.url(role) for role in ("owner", "sequencer")}
    if not settings.redis_url:
        children.append(valkey(data, sockets))
        found |= {"redis_url": f"unix://{sockets}/valkey.sock"}
    if not settings.keyholder_socket:
        found |= {"keyholder_socket": (keys := f"{sockets}/keyholder.sock")}
        alone = {"PATH": os.environ["PATH"], "KEYHOLDER_SOCKET": keys}  # it knows no database
        ready = lambda: _answers(Path(keys))  # noqa: E731
        children.append(Child("keyholder", _procurement("keyholder"), ready, env=alone))
    await house.start(*children)
    return msgspec.structs.replace(settings, **found)


def _procurement(*words: str) -> list[str]:
    return [sys.executable, "-m", "procurement", *words]


def _sockets(house: Supervisor) -> Path:
    """A fresh private folder whose name is short enough for a unix socket."""
    folder = house.folder / "run"
    shutil.rmtree(folder, ignore_errors=True)
    if len(bytes(folder / ".s.PGSQL.5432.lock")) > LONGEST_SOCKET:
        return Path(house.afterwards.enter_context(tempfile.TemporaryDirectory(prefix="procurement-")))
    folder.mkdir(mode=0o700)
    return folder


def _port_is_free(settings: Settings) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as taken:
            raise Failed(f"Port {settings.port} is not free ({taken.strerror}): choose another with --port.") from None


async def _answers(keyholder: Path) -> bool:
    return await answer(keyholder, b"hello\n") != b""


async def _is_ready(settings: Settings) -> bool:
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(settings.host, settings.port)
            writer.write(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
            return b" 200 " in status
    except (OSError, TimeoutError):
        return False
