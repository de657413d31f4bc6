"""The services beside the database: needed ones answer, optional ones are off or answer."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import from_url
from redis.asyncio import Redis
from redis.exceptions import RedisError

from procurement.infra.doctor.finding import SKEW, Finding, advice, broken, ok
from procurement.infra.keyholder import Keyholder
from procurement.infra.scanner import NotAnswering, ours
from procurement.kernel.refusal import Refused
from procurement.settings import Settings

SMTP_PORTS = {"smtp": 587, "smtps": 465}

OF_S3 = {
    "NoSuchBucket": "there is no such bucket: make it, or set FILES_URL to the one that there is.",
    "BadScheme": "AWS_ENDPOINT_URL is plain http: use https, or allow it with AWS_ALLOW_HTTP=true.",
    "MissingAccessKeyId": "no key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "MissingSecretAccessKey": "no secret: set AWS_SECRET_ACCESS_KEY.",
    "InvalidAccessKeyId": "the key is not known there: is AWS_ACCESS_KEY_ID right?",
    "SignatureDoesNotMatch": "the secret is wrong: is AWS_SECRET_ACCESS_KEY right?",
    "AccessDenied": "the key may not list, read, write and delete in this bucket: allow it there.",
    "169.254.169.254": "no key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "Connect,": "does not answer: is it started, and is AWS_ENDPOINT_URL right?",
}
"""What the S3 library's long words mean for whoever configures it."""


async def valkey(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        return [broken("valkey", "none: start `procurement up`, or set REDIS_URL.")]
    redis = Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=2)
    try:
        info = await redis.info("server")
    except (RedisError, OSError) as wrong:
        return [broken("valkey", f"does not answer ({wrong}): is it started, and is REDIS_URL right?")]
    finally:
        await redis.aclose()
    name = "Valkey" if "valkey_version" in info else "Redis"
    return [ok("valkey", f"{name} {info.get('valkey_version') or info['redis_version']} answers.")]


async def keyholder(settings: Settings) -> list[Finding]:
    if not settings.keyholder_socket:
        return [broken("keyholder", "none: start `procurement up`, or set KEYHOLDER_SOCKET.")]
    try:
        clocks = await Keyholder(Path(settings.keyholder_socket)).clocks()
    except Refused as no:
        return [broken("keyholder", f"{no.detail} Is it started, and is KEYHOLDER_SOCKET right?")]
    found = [ok("keyholder", f"answers; it guards {'a sandbox' if clocks.sandbox else 'a real installation'}.")]
    if clocks.restored:
        said = "was restored from a copy, and opens nothing until its staff confirms the times at its own terminal: "
        found.append(broken("keyholder", f"{said}python -m procurement.keyholder --restored (docs/backup.md)."))
    skew = abs((datetime.now(UTC) - clocks.real).total_seconds())
    if skew > SKEW:
        found.append(broken("clock", f"this machine and the keyholder differ by {skew:.1f} s: synchronise both."))
    if _is_inside(settings.keyholder_socket, settings.data):
        found.append(
            advice("keyholder", "runs beside the database: who operates this machine could read bids before opening.")
        )
    return found


async def files(settings: Settings) -> list[Finding]:
    if settings.files_url:
        try:
            await anext(aiter(from_url(settings.files_url).list(chunk_size=1)), None)
        except (BaseError, ValueError, OSError) as wrong:
            return [broken("files", _why(settings.files_url, str(wrong)))]
        return [ok("files", f"{settings.files_url} answers.")]
    folder = Path(settings.data) / "files"
    if folder.exists() and not _writable(folder):
        return [broken("files", f"{folder} cannot be written: give it to the user that runs this service.")]
    return [ok("files", f"on this machine, in {folder}.")]


async def malware(settings: Settings) -> list[Finding]:
    """Whether documents of opened bids are scanned. A scanner that is gone stops nothing, so it is never broken."""
    if (scanner := ours(settings)) is None:
        return [advice("malware", "documents of opened bids are not scanned: set CLAMAV_URL to where clamd answers.")]
    try:
        return [ok("malware", f"{await scanner.version()} answers; it scans the documents of opened bids.")]
    except NotAnswering as wrong:
        said = f"{settings.clamav_url} does not answer ({wrong}): documents wait for it, openings do not."
        return [advice("malware", f"{said} Is clamd started, and is CLAMAV_URL right?")]


async def mail(settings: Settings) -> list[Finding]:
    if not settings.smtp_url:
        return [advice("mail", "stays in a mailbox on this machine: set SMTP_URL so that people get it.")]
    address = urlsplit(settings.smtp_url)
    port = address.port or SMTP_PORTS.get(address.scheme, 25)
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(address.hostname, port, ssl=address.scheme == "smtps")
            greeting = await reader.readline()
            writer.close()
    except (OSError, TimeoutError) as wrong:
        return [broken("mail", f"{address.hostname}:{port} does not answer ({wrong}): is SMTP_URL right?")]
    if not greeting.startswith(b"220"):
        return [broken("mail", f"{address.hostname}:{port} is no mail server: is SMTP_URL right?")]
    return [ok("mail", f"{address.hostname}:{port} answers.")]


def _why(address: str, said: str) -> str:
    """One line: what to do, or the first line of what the library said."""
    for word, means in OF_S3.items():
        if word in said:
            return f"{address}: {means}"
    return f"{address}: {said.partition(chr(10))[0]}: are FILES_URL, AWS_ENDPOINT_URL and AWS_REGION right?"


def _is_inside(path: str, folder: str) -> bool:
    return Path(path).resolve().is_relative_to(Path(folder).resolve())


def _writable(folder: Path) -> bool:
    probe = folder / ".doctor"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        return False
    return True
