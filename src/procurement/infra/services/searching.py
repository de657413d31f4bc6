"""A Meilisearch that somebody installed on this machine, run by `procurement up` for itself alone.

It answers on this machine only. Its master key is made here, is kept in a file of ours, and is told to nobody else: the
service gets two keys that may do less.
"""

import asyncio
import os
import secrets
import shutil
import socket
from pathlib import Path

import msgspec

from procurement.infra.services.supervisor import Child, Failed, Supervisor
from procurement.infra.services.words import say
from procurement.settings import Settings

FOLDER = "meilisearch"  # in the data folder
SAID = "meilisearch.json"  # beside the sockets, where commands look for what runs
INDEXING = "512MiB"  # of memory; without a limit the engine takes half a second more for each change


class Running(msgspec.Struct, frozen=True):
    """The settings that name it."""

    meilisearch_url: str
    meilisearch_search_key: str
    meilisearch_index_key: str


async def with_search(house: Supervisor, settings: Settings) -> Settings:
    """The same settings with the engine that was started, if a `meilisearch` is on PATH and none is named."""
    if settings.meilisearch_url:
        return settings
    binary = shutil.which("meilisearch")
    if binary is None:
        say("search", "by PostgreSQL; with a `meilisearch` on PATH it would forgive more (docs/search.md)")
        return settings
    from procurement.infra.search.filling import EngineFailed  # its client takes long to import
    from procurement.infra.search.keys import scoped

    folder, port = house.folder / FOLDER, _free_port()
    folder.mkdir(mode=0o700, exist_ok=True)
    born = folder / "born"
    if not born.exists():  # ended during its first start it leaves a half-made folder, which it refuses for ever
        shutil.rmtree(folder / "data", ignore_errors=True)
    master_key, url = _secret(folder / "master.key"), f"http://127.0.0.1:{port}"
    await house.start(meilisearch(binary, folder, port, master_key))
    try:
        keys = await asyncio.to_thread(scoped, url, master_key, settings.meilisearch_prefix)
    except (EngineFailed, ValueError) as no:
        raise Failed(f"meilisearch gave no keys: {no}") from None
    born.touch()
    running = Running(url, keys.search, keys.index)
    _write(house.folder / "run" / SAID, msgspec.json.encode(running))
    return msgspec.structs.replace(settings, **msgspec.structs.asdict(running))


def meilisearch(binary: str, folder: Path, port: int, master_key: str) -> Child:
    """The server on one port of this machine. The key is in its environment: arguments are seen by everybody."""
    argv: list[str | Path] = [
        binary, "--env", "production", "--http-addr", f"127.0.0.1:{port}", "--no-analytics", "--upgrade-db",
        "--db-path", folder / "data", "--dump-dir", folder / "dumps", "--snapshot-dir", folder / "snapshots",
        "--max-indexing-memory", INDEXING, "--log-level", "ERROR",
    ]  # fmt: skip
    alone = {"PATH": os.environ["PATH"], "MEILI_MASTER_KEY": master_key}
    return Child("meilisearch", argv, lambda: _answers(port), env=alone, quiet=True)


def found(run: Path) -> dict[str, str]:
    """The settings of the engine that runs in a data folder; none where none does."""
    try:
        return msgspec.structs.asdict(msgspec.json.decode((run / SAID).read_bytes(), type=Running))
    except FileNotFoundError:
        return {}


def _secret(path: Path) -> str:
    """What the file holds; made with the first start."""
    if not path.exists():
        _write(path, secrets.token_urlsafe(32).encode())
    return path.read_text()


def _write(path: Path, content: bytes) -> None:
    """A file for our eyes only, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    new.rename(path)


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


async def _answers(port: int) -> bool:
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            status = await reader.readline()
            writer.close()
            return b" 200 " in status
    except (OSError, TimeoutError):
        return False
