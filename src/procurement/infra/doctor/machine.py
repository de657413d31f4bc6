"""This machine and what the installation says about itself: room, address, country, time zone, language."""

import asyncio
import shutil
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from procurement.infra.doctor.finding import Finding, advice, broken, ok
from procurement.settings import Settings

FICTIONAL = (Settings().ocid_prefix, "ocds-xxxxxx")  # the latter stands in docs/deploy/procurement.env
MB, GB = 10**6, 10**9
LITTLE, TOO_LITTLE = 5 * GB, 500 * MB  # bytes free on the disk of the data folder


async def address(settings: Settings) -> list[Finding]:
    public = urlsplit(settings.base_url)
    if public.scheme not in ("http", "https") or not public.hostname:
        return [broken("address", f"BASE_URL is {settings.base_url}: it must be an http or https address.")]
    if public.scheme == "http" and not _is_local(public.hostname):
        text = "is not HTTPS: browsers will not seal bids there, and sign-ins can be read on the way. Set BASE_URL."
        return [broken("address", f"{settings.base_url} {text}")]
    if public.scheme == "http":
        return [advice("address", f"{settings.base_url} is reached from this machine only; set BASE_URL for others.")]
    return [ok("address", f"{settings.base_url}.")]


async def disk(settings: Settings) -> list[Finding]:
    folder = _existing(settings.data)
    used = await asyncio.to_thread(_size, Path(settings.data) / "files")
    free = shutil.disk_usage(folder).free
    said = f"{free / GB:.1f} GB free in {folder}, files take {used / GB:.1f} GB"
    if free < TOO_LITTLE:
        return [broken("disk", f"{said}: bids would be refused. Make room, or move DATA to a larger disk.")]
    if free < LITTLE:
        return [advice("disk", f"{said}: make room soon.")]
    return [ok("disk", f"{said}.")]


async def country(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    try:
        ZoneInfo(settings.official_timezone)
        found.append(ok("time zone", f"deadlines are announced in {settings.official_timezone}."))
    except (OSError, ValueError, KeyError):
        found.append(broken("time zone", f"there is no {settings.official_timezone}: use an IANA name."))
    try:
        Locale.parse(settings.locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        found.append(broken("language", f"there is no {settings.locale}: use a name as `en` or `pt_BR`."))
    if not settings.country_name:
        found.append(advice("country", "pages name no country: set COUNTRY_NAME."))
    if settings.ocid_prefix in FICTIONAL:
        text = (
            f"OCID_PREFIX is {settings.ocid_prefix}, an example: register one before the first tender, it is for ever."
        )
        found.append(advice("country", text))
    return found


def _size(folder: Path) -> int:
    """Bytes of all files below; of one that goes meanwhile, nothing."""
    sizes = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            sizes += path.stat().st_size if path.is_file() else 0
    return sizes


def _existing(data: str) -> Path:
    """The data folder, or the nearest one above it that exists already."""
    folder = Path(data).resolve()
    return next(path for path in (folder, *folder.parents) if path.exists())


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
