"""A backup holds everything or says what is missing; it is restored only into an empty place, by who may."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pyrage  # type: ignore[import-untyped]  # it ships no stubs
import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from pyrage import x25519

from procurement.backup import database
from procurement.backup.restore import restore
from procurement.backup.take import take
from procurement.backup.target import MANIFEST, BadBackup, Target
from procurement.cli import main
from procurement.infra.files import Files
from procurement.infra.ledger.anchor import FILE
from procurement.infra.services.embedded import Postgres
from procurement.settings import Settings

pytestmark = pytest.mark.anyio
KEYS = x25519.Identity.generate()


@pytest.fixture
async def empty(
    admin: asyncpg.Connection, postgres: Postgres, worker_id: str, tmp_path: Path
) -> AsyncIterator[Settings]:
    """Settings of an empty database and a new data folder."""
    name = f"restored_{worker_id}"
    await admin.execute(f"CREATE DATABASE {name}")
    yield Settings(
        database_url=postgres.url("app", name),
        owner_database_url=postgres.url("owner", name),
        data=str(tmp_path / "restored"),
    )
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_what_is_restored_is_what_was_backed_up(republic: Settings, empty: Settings, tmp_path: Path) -> None:
    target = Target(str(tmp_path / "backups"))
    stamp, manifest = await take(republic, target, KEYS.to_public())
    assert manifest.tables["tender"] > 0 and manifest.files > 0 and not manifest.missing
    await restore(empty, target, stamp, KEYS)
    assert await database.counted(empty.owner_database_url) == manifest.tables
    files = Files.connect("", Path(empty.data))
    for line in target.read(f"backups/{stamp}/files").decode().splitlines():
        assert await files.has(*line.split(" "))  # type: ignore[arg-type]  # kind and hash
    assert (Path(empty.data) / "keys" / "ledger").read_bytes() == (Path(republic.data) / "keys" / "ledger").read_bytes()
    assert (Path(empty.data) / FILE).read_bytes() == target.read(f"backups/{stamp}/checkpoint")
    with pytest.raises(BadBackup, match="not empty"):
        await restore(empty, target, stamp, KEYS)
    with pytest.raises(BadBackup, match=r"holds \d+ tables"):
        await restore(replace(empty, data=str(tmp_path / "another")), target, stamp, KEYS)


async def test_the_restored_roles_may_do_no_more_than_before(
    republic: Settings, empty: Settings, tmp_path: Path
) -> None:
    target = Target(str(tmp_path / "backups"))
    stamp, _ = await take(republic, target, KEYS.to_public())
    await restore(empty, target, stamp, KEYS)
    app = await asyncpg.connect(empty.database_url.replace("+asyncpg", ""))
    try:
        for forbidden in ("CREATE TEMP TABLE tender (id text)", "DELETE FROM ledger_record", "DELETE FROM bid"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(forbidden)
        owner = await asyncpg.connect(empty.owner_database_url.replace("+asyncpg", ""))
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await owner.execute("DELETE FROM ledger_record")
        await owner.close()
    finally:
        await app.close()


async def test_a_second_backup_copies_only_new_files(republic: Settings, tmp_path: Path) -> None:
    target = Target(str(tmp_path / "backups"))
    await take(republic, target, KEYS.to_public())
    copied = {path: path.stat().st_mtime_ns for path in stored(tmp_path / "backups" / "files")}
    await asyncio.sleep(1)  # a stamp has seconds
    await take(republic, target, KEYS.to_public())
    again = {path: path.stat().st_mtime_ns for path in stored(tmp_path / "backups" / "files")}
    assert copied == again and len(target.backups()) == 2


async def test_a_file_that_is_gone_or_damaged_is_named(republic: Settings, tmp_path: Path) -> None:
    copy = replace(republic, data=str(tmp_path / "copy"))
    shutil.copytree(republic.data, copy.data)
    gone, damaged, *_ = stored(Path(copy.data) / "files" / "sealed")
    gone.unlink()
    _, manifest = await take(copy, Target(str(tmp_path / "first")), KEYS.to_public())
    assert manifest.missing == [f"sealed {gone.name}"]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
    with pytest.raises(BadBackup, match=f"{damaged.name} is damaged"):
        await take(copy, Target(str(tmp_path / "second")), KEYS.to_public())
    assert not Target(str(tmp_path / "second")).backups(), "without its manifest it is no backup"


async def test_an_altered_backup_and_a_wrong_key_are_refused(
    republic: Settings, empty: Settings, tmp_path: Path
) -> None:
    target = Target(str(tmp_path / "backups"))
    stamp, _ = await take(republic, target, KEYS.to_public())
    with pytest.raises(BadBackup, match="cannot be decrypted with this identity"):
        await restore(empty, target, stamp, x25519.Identity.generate())
    part = tmp_path / "backups" / "backups" / stamp / "files"
    part.write_bytes(part.read_bytes().replace(b"sealed", b"opened", 1))
    shutil.rmtree(empty.data, ignore_errors=True)
    with pytest.raises(BadBackup, match="not the one that was backed up"):
        await restore(empty, target, stamp, KEYS)


async def test_a_forged_backup_writes_no_key_elsewhere(republic: Settings, empty: Settings, tmp_path: Path) -> None:
    """Whoever can write to the target can encrypt to the same recipient."""
    target = Target(str(tmp_path / "backups"))
    stamp, manifest = await take(republic, target, KEYS.to_public())
    forged = pyrage.encrypt(msgspec.json.encode({"../../escaped": "00"}), [KEYS.to_public()])
    parts = {**manifest.parts, "keys.age": target.write(f"backups/{stamp}/keys.age", forged)}
    target.write(f"backups/{stamp}/{MANIFEST}", msgspec.json.encode(replace(manifest, parts=parts)))
    with pytest.raises(BadBackup, match="a key that this service does not have"):
        await restore(empty, target, stamp, KEYS)
    assert "escaped" not in {path.name for path in stored(tmp_path)}


def test_the_dump_and_the_signing_keys_are_in_no_backup_in_the_clear(tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["backup-key", str(tmp_path / "key")])
    assert made.output.startswith("age1") and (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert CliRunner().invoke(main, ["backup-key", str(tmp_path / "key")]).exit_code == 1, "never written over"
    wrong = CliRunner().invoke(main, ["backup", "--to", str(tmp_path / "to"), "--recipient", "somebody"])
    assert wrong.exit_code == 1
