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

from procurement.infra import schema
from procurement.infra.services import notify, searching
from procurement.infra.services.embedded import Postgres, answer, valkey, valkey_url
from procurement.infra.services.searching import with_search
from procurement.infra.services.supervisor import Child, Failed, Supervisor
from procurement.infra.services.words import say
from procurement.settings import Settings

LONGEST_SOCKET = 100  # the kernel takes 107 bytes
POSTGRES_SOCKET = ".s.PGSQL.5432"
PRACTICE = "practice"  # a mark in the data folder of a demo, by which other commands know its settings
MADE_BY_A_DEMO = ("postgres", "postgres.new", "valkey", "keyholder", "keys", "files", "mail", searching.FOLDER)
# Without autovacuum: its worker may not be ended by the role that drops a test database.
CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off")


async def up(settings: Settings, *, demo: bool) -> None:
    """Start everything, say `ready` with the address, and stay until a signal ends it.

    `demo` makes a sandbox of a new installation. Raises Failed when something does not start.
    """
    settings = msgspec.structs.replace(settings, log_format=settings.log_format or "text")  # a person reads it
    began = time.monotonic()
    async with Supervisor(Path(settings.data)) as house:
        _port_is_free(settings)
        unfinished = _begin_demo(house.folder) if demo and not settings.database_url else None
        to_load = demo and (unfinished is None or unfinished.exists())
        settings = await with_search(house, await databases(house, settings))
        await house.run(Child("migrate", procurement("migrate", *["--sandbox"] * demo), env=settings.environ()))
        settings = await with_keyholder(house, settings)
        if to_load:
            say("demo", "loads the practice republic, this once")
            await house.run(Child("demo", procurement("load-demo"), env=settings.environ()))
        if unfinished:
            unfinished.unlink(missing_ok=True)
        if demo:
            (house.folder / PRACTICE).touch()
        await house.start(
            _worker(house, settings),
            web(settings),
        )
        say("up", f"everything after {time.monotonic() - began:.2f} s; Ctrl-C stops it")
        print(f"ready {settings.base_url}", flush=True)
        await asyncio.Event().wait()


def is_practice(settings: Settings) -> bool:
    """Whether the data folder is that of a demo."""
    return (Path(settings.data) / PRACTICE).exists()


async def database(settings: Settings) -> None:
    """PostgreSQL alone, and careless: for tests."""
    async with Supervisor(Path(settings.data)) as house:
        postgres = Postgres(house.folder, _sockets(house), *CARELESS)
        await postgres.prepare(house)
        await house.start(postgres.child())
        print(f"ready {postgres.sockets}", flush=True)
        await asyncio.Event().wait()


def running(settings: Settings) -> Settings:
    """The same settings, with the addresses of what `up` runs in that data folder where they name none."""
    data = Path(settings.data).resolve()
    sockets = (data / "run").resolve()
    found: dict[str, str] = {}
    if not settings.database_url and (sockets / POSTGRES_SOCKET).exists():
        found |= _database_urls(Postgres(data, sockets))
    if not settings.redis_url and (sockets / "valkey.sock").exists():
        found["redis_url"] = valkey_url(sockets)
    if not settings.keyholder_socket and (sockets / "keyholder.sock").exists():
        found["keyholder_socket"] = f"{sockets}/keyholder.sock"
    if not settings.meilisearch_url:
        found |= searching.found(sockets)
    return msgspec.structs.replace(settings, **found)


def procurement(*words: str) -> list[str]:
    """The `procurement` command, as this very Python runs it."""
    return [sys.executable, "-m", "procurement", *words]


async def databases(house: Supervisor, settings: Settings) -> Settings:
    """PostgreSQL and Valkey: started here unless the settings say where they are."""
    data, sockets = house.folder, _sockets(house)
    children: list[Child] = []
    found: dict[str, str] = {}
    if not settings.database_url:
        postgres = Postgres(data, sockets)
        await postgres.prepare(house)
        children.append(postgres.child())
        found |= _database_urls(postgres)
    if not settings.redis_url:
        children.append(valkey(data, sockets))
        found["redis_url"] = valkey_url(sockets)
    await house.start(*children)
    return msgspec.structs.replace(settings, **found)


async def with_keyholder(house: Supervisor, settings: Settings) -> Settings:
    """The keyholder, started here unless it is elsewhere: a sandbox exactly when the database is one."""
    if settings.keyholder_socket:
        return settings
    sandbox = await schema.is_sandbox(settings.owner_database_url or settings.database_url)
    socket = (house.folder / "run").resolve() / "keyholder.sock"
    await house.start(keyholder(house.folder / "keyholder", socket, sandbox=bool(sandbox)))
    return msgspec.structs.replace(settings, keyholder_socket=str(socket))


def _begin_demo(data: Path) -> Path:
    """The mark that a demo still has to be loaded. Where one was interrupted while it loaded, it begins again.

    Only a folder that held nothing before gets the mark, so that nothing but that first attempt is ever forgotten.
    """
    mark = data / "demo.unfinished"
    if mark.exists():
        for name in MADE_BY_A_DEMO:
            shutil.rmtree(data / name, ignore_errors=True)
    if not any((data / name).exists() for name in MADE_BY_A_DEMO):
        mark.touch()
    return mark


def keyholder(store: Path, socket: Path, *, sandbox: bool) -> Child:
    """The keyholder, which knows neither the database nor any other setting of ours."""
    alone = {
        "PATH": os.environ["PATH"],
        "KEYHOLDER_SOCKET": str(socket),
        "KEYHOLDER_STORE": str(store),
        "KEYHOLDER_SANDBOX": "1" if sandbox else "",
    }

    async def ready() -> bool:
        return await answer(socket, b"hello\n") != b""

    return Child("keyholder", procurement("keyholder"), ready, env=alone)


def web(settings: Settings) -> Child:
    """Pages and programs, ready when every neighbour answers."""
    return Child("web", procurement("web"), ready=lambda: _is_ready(settings), env=settings.environ())


def _worker(house: Supervisor, settings: Settings) -> Child:
    ear = notify.Ear((house.folder / "run").resolve() / "worker.ready")
    house.afterwards.callback(ear.close)
    env = {**settings.environ(), notify.VARIABLE: str(ear.path)}
    return Child("worker", procurement("worker"), ready=ear.heard, env=env)


def _database_urls(postgres: Postgres) -> dict[str, str]:
    named = {f"{role}_database_url": postgres.url(role) for role in ("owner", "sequencer")}
    return {"database_url": postgres.url("app"), **named}


def _sockets(house: Supervisor) -> Path:
    """A fresh private folder whose name is short enough for a unix socket; `run` in the data folder leads to it."""
    folder = house.folder / "run"
    if folder.is_symlink():  # left by one that was killed: we hold the lock, nobody uses it
        shutil.rmtree(folder.resolve(), ignore_errors=True)
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if len(bytes(folder / f"{POSTGRES_SOCKET}.lock")) <= LONGEST_SOCKET:
        folder.mkdir(mode=0o700)
        return folder
    elsewhere = Path(house.afterwards.enter_context(tempfile.TemporaryDirectory(prefix="procurement-")))
    folder.symlink_to(elsewhere)
    house.afterwards.callback(folder.unlink)
    return elsewhere


def _port_is_free(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as taken:
            raise Failed(f"Port {settings.port} is not free ({taken.strerror}): choose another with --port.") from None


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
