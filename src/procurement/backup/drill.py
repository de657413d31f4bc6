"""The drill: back up the service, restore it somewhere else, verify everything there, and leave nothing behind.

Of the restored service only the pages run: without a worker nothing is sent, signed or opened.
"""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pyrage import x25519  # type: ignore[import-untyped]  # it ships no stubs

from procurement.backup import database, verify
from procurement.backup import restore as restoring
from procurement.backup.manifest import Manifest
from procurement.backup.report import Report, megabytes
from procurement.backup.take import take
from procurement.backup.target import BadBackup, Target
from procurement.infra.keyholder import Keyholder
from procurement.infra.services import up
from procurement.infra.services.supervisor import Supervisor
from procurement.keyholder import backup as keyholder
from procurement.keyholder.backup import BadCopy
from procurement.settings import Settings


async def rehearse(settings: Settings, place: Path | None, say: Callable[[str], object]) -> Report:
    """The whole drill of a running service. Raises BadBackup when it could not even be begun."""
    report = Report(say)
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="procurement-drill-", dir=place)
    try:
        await _rehearse(settings, Path(folder), report)
    except (BadBackup, BadCopy) as no:
        report.check(False, str(no))
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)
    report.check(report.green, "the drill" if report.green else "the drill failed")
    return report


async def _rehearse(settings: Settings, folder: Path, report: Report) -> None:
    web, keys = Target(str(folder / "web")), x25519.Identity.generate()
    with report.stage("backup"):
        stamp, manifest, _ = await take(settings, web, keys.to_public())
    _sizes(report, manifest)
    fresh = _elsewhere(settings, folder / "data")
    with report.stage("restore"):
        signed_by = (await verify.public_keys(settings))["checkpoints"]  # as published: not as the backup says
        await restoring.restore(fresh, web, stamp, keys, signed_by)
    copy = _keyholder(settings, folder, report)
    async with Supervisor(folder / "data") as house:
        with report.stage("start"):
            running = await up.with_keyholder(house, await up.databases(house, fresh))
            await house.start(up.web(running))
        with report.stage("log"):
            await verify.log(report, settings, running, web, stamp, manifest)
        with report.stage("files"):
            await verify.files(report, running, web, stamp, manifest)
            await verify.sealed_bids(report, running)
        with report.stage("rows"):
            counted = await database.counted(running.owner_database_url)
            different = sorted(name for name, rows in manifest.tables.items() if counted.get(name) != rows)
            said = f"{sum(counted.values()):,} rows in {len(counted)} tables"
            report.check(not different, f"{said}; different: {different}" if different else said)
        with report.stage("pages"):
            await verify.pages(report, running)
        with report.stage("fork"):
            await verify.refused(report, running)
        if copy:
            waits = (await Keyholder(running.keyholder_socket).clocks()).restored
            report.check(waits, "the restored keyholder opens nothing before its staff confirms the times there")
    if copy:
        _still_sealed(report, folder, copy)


def _sizes(report: Report, manifest: Manifest) -> None:
    dump, rows = manifest.parts["database.age"].size, sum(manifest.tables.values())
    report.figure(f"database: {rows:,} rows, {megabytes(dump)} compressed")
    report.figure(f"files: {manifest.files:,}, {megabytes(manifest.file_bytes)}")
    lost = (manifest.finished_at - manifest.snapshot_at).total_seconds()
    report.figure(f"RPO: whatever was committed until {lost:.1f} s before the backup was complete is in it")
    if manifest.last_entry_at:
        age = (datetime.now(UTC) - manifest.last_entry_at).total_seconds()
        report.figure(f"the newest entry of the log in it is {age:.1f} s old")
    report.check(not manifest.missing, f"files that are named and were not there: {len(manifest.missing)}")


def _elsewhere(settings: Settings, data: Path) -> Settings:
    """Everything of the restored service is its own: nothing of the running one can be reached from it."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    return Settings(
        data=str(data),
        port=port,
        ocid_prefix=settings.ocid_prefix,
        country_name=settings.country_name,
        official_timezone=settings.official_timezone,
        locale=settings.locale,
    )


def _keyholder(settings: Settings, folder: Path, report: Report) -> keyholder.Copy | None:
    """The keyholder's store is copied to another place, for another identity."""
    source, keys = Path(settings.data) / "keyholder", x25519.Identity.generate()
    if not (source / keyholder.STORE).exists():
        report.figure("the keyholder is not on this machine: rehearse keyholder-backup and -restore where it is")
        return None
    with report.stage("keyholder"):
        store = keyholder.place(str(folder / "apart"))
        stamp, made = keyholder.back_up(source, store, keys.to_public())
        keyholder.restore(store, stamp, keys, folder / "data" / "keyholder")
    report.check(True, f"the keyholder's store: {made.tables['identity']} identities, restored apart")
    return made


def _still_sealed(report: Report, folder: Path, copy: keyholder.Copy) -> None:
    now = keyholder.counted((folder / "data" / "keyholder" / keyholder.STORE).read_bytes())
    report.check(now == copy.tables, f"no key was used: {now['release']} releases, as before")
